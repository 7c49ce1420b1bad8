import { HeldSocket } from './heldSocket';

/** The gateway's close codes after which it makes no sense to connect again at once. */
export const CUT = 4290;
export const REVOKED = 4403;

const NORMAL = new Set([1000, 1001, 1005]);

/**
 * Who is told of websockets that close.
 */
export interface ISocketWatch {
  /** Whether websockets would be refused now. */
  readonly held: boolean;

  /**
   * Call back once websockets are no longer refused.
   */
  whenOpen(callback: () => void): void;

  /**
   * A websocket was closed by the other side, or could not be opened.
   */
  closed(code: number, reason: string): void;
}

/**
 * Return a kind of websocket that tells of its end.
 *
 * JupyterLab's kernels and terminals take code 1000 as the end and any other as an accident, after which they connect
 * again and again: one that the gateway cut for good ends here with 1000. Shared documents connect again whatever the
 * code, every few seconds: while all would be refused, they wait here instead of at the gateway.
 *
 * @param wait - For how long a websocket is held, milliseconds.
 */
export function watchedSocket(kind: typeof WebSocket, watch: ISocketWatch, wait: number): typeof WebSocket {
  return new Proxy(kind, {
    construct(target, [url, ...protocols]: [string, ...string[]]): object {
      if (watch.held) {
        const held = new HeldSocket(url, wait);
        watch.whenOpen(() => held.close());
        return held;
      }
      const socket = new target(url, ...protocols);
      let retold = false;
      socket.addEventListener('close', event => {
        if (retold) {
          return;
        }
        if (!NORMAL.has(event.code)) {
          watch.closed(event.code, event.reason);
        }
        if (event.code === CUT || event.code === REVOKED) {
          retold = true;
          event.stopImmediatePropagation();
          socket.dispatchEvent(new CloseEvent('close', { code: 1000, reason: event.reason, wasClean: true }));
        }
      });
      return socket;
    }
  });
}
