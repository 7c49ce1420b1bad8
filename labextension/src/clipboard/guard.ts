import { IDisposable } from '@lumino/disposable';

import { ICopyPolicy } from '../tokens';
import { ClipboardMemory } from './memory';

/** Where something was copied from, as the audit log names it. */
export type CopyKind = 'cell' | 'output' | 'terminal' | 'other';

/**
 * What happened to a copy.
 */
export interface ICopy {
  kind: CopyKind;
  characters: number;
  /** Whether the computer's clipboard received it. */
  left: boolean;
}

const EDITABLE = 'input, textarea, [contenteditable="true"]';

/**
 * Stands between the page and the computer's clipboard: copies stay in the page's memory, and leave as the policy says.
 *
 * What comes from outside is pasted as ever. A copy that stays inside empties the computer's clipboard, so that the
 * next paste is known to mean the page's memory; whatever is copied elsewhere later wins again.
 */
export class ClipboardGuard implements IDisposable {
  /**
   * @param policy - What holds now, asked at each copy.
   * @param onCopy - Told of each copy.
   */
  constructor(
    private readonly _memory: ClipboardMemory,
    private readonly _policy: () => ICopyPolicy,
    private readonly _onCopy: (copy: ICopy) => void
  ) {
    // After the page's own listeners, which know what is copied; before them, where they know nothing of the memory.
    window.addEventListener('copy', this._copied);
    window.addEventListener('cut', this._copied);
    window.addEventListener('paste', this._pasting, true);
    window.addEventListener('dragstart', this._dragging, true);
    window.addEventListener('contextmenu', this._menuOpening);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    window.removeEventListener('copy', this._copied);
    window.removeEventListener('cut', this._copied);
    window.removeEventListener('paste', this._pasting, true);
    window.removeEventListener('dragstart', this._dragging, true);
    window.removeEventListener('contextmenu', this._menuOpening);
  }

  private readonly _copied = (event: ClipboardEvent): void => {
    const transfer = event.clipboardData;
    if (!transfer) {
      return;
    }
    const target = event.target instanceof Element ? event.target : document.body;
    const data = event.defaultPrevented ? dataOf(transfer) : selectionOf(target);
    const text = data.get('text/plain') ?? '';
    if (text === '' && !event.defaultPrevented) {
      // Nothing that is text is selected; a picture alone would still be copied.
      event.preventDefault();
      return;
    }
    this._memory.keep(data);
    const leaves = allows(this._policy(), text.length);
    if (this._policy().mode !== 'on') {
      transfer.clearData();
      transfer.setData('text/plain', leaves ? text : '');
      if (event.type === 'cut' && !event.defaultPrevented) {
        edit('delete');
      }
      event.preventDefault();
    }
    this._onCopy({ kind: kindOf(target), characters: text.length, left: leaves });
  };

  private readonly _pasting = (event: ClipboardEvent): void => {
    const transfer = event.clipboardData;
    if (!event.isTrusted || this._memory.isEmpty || !transfer || !isEmpty(transfer)) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const target = event.target ?? document.body;
    const again = new ClipboardEvent('paste', {
      clipboardData: this._memory.transfer(),
      bubbles: true,
      cancelable: true,
      composed: true
    });
    const untouched = target.dispatchEvent(again);
    if (untouched && target instanceof Element && target.closest(EDITABLE)) {
      // A plain field leaves pasting to the browser, which does nothing of its own for an event that is made.
      edit('insertText', this._memory.text);
    }
  };

  private readonly _dragging = (event: DragEvent): void => {
    // JupyterLab moves cells, tabs and files without the browser's dragging, which is left with what goes outside.
    if (this._policy().mode !== 'on') {
      event.preventDefault();
    }
  };

  private readonly _menuOpening = (event: MouseEvent): void => {
    const target = event.target;
    // The browser's own menu offers to copy and to save pictures; a field needs it to paste and to spell.
    if (this._policy().mode !== 'on' && target instanceof Element && !target.closest(EDITABLE)) {
      event.preventDefault();
    }
  };

  private _disposed = false;
}

/**
 * Whether a text of so many characters may leave.
 */
export function allows(policy: ICopyPolicy, characters: number): boolean {
  return policy.mode === 'on' || (policy.mode === 'limited' && characters <= policy.limit);
}

/** Change the field that has the focus, so that the browser's undoing knows of it. */
function edit(command: 'delete' | 'insertText', text?: string): void {
  // Nothing else does this; it is deprecated without a successor.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  document.execCommand(command, false, text);
}

function dataOf(transfer: DataTransfer): Map<string, string> {
  return new Map(transfer.types.filter(type => type !== 'Files').map(type => [type, transfer.getData(type)]));
}

function selectionOf(target: Element): Map<string, string> {
  const text =
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
      ? target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? 0)
      : (document.getSelection()?.toString() ?? '');
  return text === '' ? new Map<string, string>() : new Map([['text/plain', text]]);
}

function isEmpty(transfer: DataTransfer): boolean {
  return transfer.files.length === 0 && transfer.types.every(type => type === 'Files' || transfer.getData(type) === '');
}

function kindOf(target: Element): CopyKind {
  if (target.closest('.jp-Terminal')) {
    return 'terminal';
  }
  if (target.closest('.jp-OutputArea, .jp-RenderedMarkdown')) {
    return 'output';
  }
  return target.closest('.jp-Cell, .jp-Notebook') ? 'cell' : 'other';
}
