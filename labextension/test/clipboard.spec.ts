import { ClipboardGuard, ICopy } from '../src/clipboard/guard';
import { ClipboardMemory } from '../src/clipboard/memory';
import { ICopyPolicy } from '../src/tokens';

/** What a browser hands over with an event of copying; jsdom has none. */
class Transfer {
  readonly data = new Map<string, string>();
  readonly files: File[] = [];

  get types(): string[] {
    return [...this.data.keys()];
  }

  getData(type: string): string {
    return this.data.get(type) ?? '';
  }

  setData(type: string, text: string): void {
    this.data.set(type, text);
  }

  clearData(): void {
    this.data.clear();
  }
}

function copying(policy: ICopyPolicy, type: 'copy' | 'cut', text: string): [Transfer, Event, ICopy[], ClipboardMemory] {
  const memory = new ClipboardMemory();
  const copies: ICopy[] = [];
  const guard = new ClipboardGuard(
    memory,
    () => policy,
    copy => copies.push(copy)
  );
  const transfer = new Transfer();
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), { clipboardData: transfer });
  const editor = document.createElement('div');
  editor.className = 'jp-Cell';
  document.body.append(editor);
  editor.addEventListener(type, () => {
    transfer.setData('text/plain', text);
    transfer.setData('text/html', `<b>${text}</b>`);
    event.preventDefault();
  });
  editor.dispatchEvent(event);
  guard.dispose();
  editor.remove();
  return [transfer, event, copies, memory];
}

describe('ClipboardGuard', () => {
  it.each<[string, ICopyPolicy, 'copy' | 'cut', string, boolean]>([
    ['off', { mode: 'off', limit: 100 }, 'copy', 'a', false],
    ['off, cut', { mode: 'off', limit: 100 }, 'cut', 'a', false],
    ['at the limit', { mode: 'limited', limit: 3 }, 'copy', 'abc', true],
    ['above the limit', { mode: 'limited', limit: 3 }, 'copy', 'abcd', false],
    ['cut above the limit', { mode: 'limited', limit: 3 }, 'cut', 'abcd', false],
    ['on', { mode: 'on', limit: 0 }, 'copy', 'abcd', true]
  ])('%s', (_, policy, type, text, left) => {
    const [transfer, event, copies, memory] = copying(policy, type, text);
    expect(event.defaultPrevented).toBe(true);
    expect(transfer.getData('text/plain')).toBe(left ? text : '');
    expect(transfer.getData('text/html')).toBe(policy.mode === 'on' ? `<b>${text}</b>` : '');
    expect(memory.text).toBe(text);
    expect(copies).toEqual([{ kind: 'cell', characters: text.length, left }]);
  });

  it.each(['dragstart', 'contextmenu'])('refuses %s where copies are kept', type => {
    for (const [mode, refused] of [
      ['off', true],
      ['limited', true],
      ['on', false]
    ] as const) {
      const guard = new ClipboardGuard(
        new ClipboardMemory(),
        () => ({ mode, limit: 5 }),
        () => undefined
      );
      const event = new Event(type, { bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
      expect([mode, event.defaultPrevented]).toEqual([mode, refused]);
      guard.dispose();
    }
  });
});
