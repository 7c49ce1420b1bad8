import { Link } from '../src/connection/link';
import { CUT, REVOKED, watchedSocket } from '../src/connection/watchedSocket';
import { Answer, FakeServer, settled } from './backend';

const OK: Answer = [200, { state: 'ok' }];

function linked(answer: () => Answer): Link {
  return new Link(new FakeServer(() => answer()).backend);
}

describe('Link', () => {
  it.each<[string, Answer, string]>([
    ['ok', OK, 'open'],
    ['a warning', [200, { state: 'warning' }], 'open'],
    ['a cut', [200, { state: 'cut', message: 'Spent.' }], 'cut'],
    ['a refused request', [429, { code: 'gateway.budget_spent', message: 'Spent.' }], 'cut'],
    ['no access', [403, { code: 'gateway.no_access', message: 'No.' }], 'no_access'],
    ['no session', [403, { code: 'gateway.not_signed_in', message: 'No.' }], 'signed_out'],
    ['no workspace', [503, { code: 'gateway.workspace_down', message: 'No.' }], 'closed'],
    ['no network', new Error('down'), 'unreachable'],
    ['nonsense', [502, '<html>'], 'unreachable']
  ])('takes %s for what it is', async (_, answer, reach) => {
    const link = linked(() => answer);
    await link.check();
    expect(link.reach).toBe(reach);
    expect(link.held).toBe(!['open', 'unreachable'].includes(reach));
    link.dispose();
  });

  it('asks who is signed in where nobody meters', async () => {
    const server = new FakeServer(({ path }) =>
      path === 'hdh/traffic' ? [404, { code: 'x', message: '' }] : [200, { hub_url: 'http://hdh.localhost:8000/hub/' }]
    );
    const link = new Link(server.backend);
    await link.check();
    expect([link.reach, server.seen.map(({ path }) => path)]).toEqual(['open', ['hdh/traffic', 'hdh/me']]);
    link.dispose();
  });

  it('holds websockets from the cut on, until the gateway says that it is over', async () => {
    let answer: Answer = [200, { state: 'cut', message: 'Spent.' }];
    const link = linked(() => answer);
    const released = jest.fn();
    link.closed(CUT, 'budget');
    expect(link.held).toBe(true);
    link.whenOpen(released);
    await link.check();
    expect([link.reach, link.message, released.mock.calls.length]).toEqual(['cut', 'Spent.', 0]);
    answer = OK;
    await link.check();
    expect([link.reach, released.mock.calls.length]).toEqual(['open', 1]);
    link.dispose();
  });
});

class FakeSocket extends EventTarget {
  onclose: ((event: Event) => void) | null = null;

  constructor(readonly url: string) {
    super();
    this.addEventListener('close', event => this.onclose?.(event));
  }

  end(code: number): void {
    this.dispatchEvent(new CloseEvent('close', { code, reason: 'why' }));
  }
}

describe('watchedSocket', () => {
  const open = (held = false): [FakeSocket, number[], number[]] => {
    const told: number[] = [];
    const seen: number[] = [];
    const watch = { held, whenOpen: () => undefined, closed: (code: number) => told.push(code) };
    const Watched = watchedSocket(FakeSocket as unknown as typeof WebSocket, watch, 10);
    const socket = new Watched('ws://x') as unknown as FakeSocket;
    socket.addEventListener('close', event => seen.push((event as CloseEvent).code));
    return [socket, told, seen];
  };

  it.each([
    [CUT, [CUT], [1000]],
    [REVOKED, [REVOKED], [1000]],
    [1006, [1006], [1006]],
    [4500, [4500], [4500]],
    [1000, [], [1000]],
    [1001, [], [1001]]
  ])('ends %s', (code, expectedTold, expectedSeen) => {
    const [socket, told, seen] = open();
    socket.end(code);
    expect([told, seen]).toEqual([expectedTold, expectedSeen]);
  });

  it('opens none while all would be refused, and says so later', async () => {
    const [socket, told, seen] = open(true);
    expect(socket).not.toBeInstanceOf(FakeSocket);
    await new Promise(resolve => setTimeout(resolve, 20));
    await settled();
    expect([told, seen]).toEqual([[], [1000]]);
  });
});
