/**
 * Stands in for a websocket that would be refused: it connects to nothing, and closes after a while as if it had.
 */
export class HeldSocket extends EventTarget {
  readonly binaryType = 'arraybuffer';
  readonly bufferedAmount = 0;
  readonly extensions = '';
  readonly protocol = '';
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readyState: number = WebSocket.CONNECTING;

  /**
   * @param wait - After how long it closes, milliseconds.
   */
  constructor(
    readonly url: string,
    wait: number
  ) {
    super();
    this._timer = setTimeout(() => this.close(), wait);
  }

  send(): void {
    // Nobody is there.
  }

  close(): void {
    if (this.readyState === WebSocket.CLOSED) {
      return;
    }
    clearTimeout(this._timer);
    this.readyState = WebSocket.CLOSED;
    const event = new CloseEvent('close', { code: 1000 });
    this.onclose?.(event);
    this.dispatchEvent(event);
  }

  private readonly _timer: ReturnType<typeof setTimeout>;
}
