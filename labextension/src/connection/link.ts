import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend, ILink, Reach } from '../tokens';
import { CUT, ISocketWatch } from './watchedSocket';

/** What the gateway's refusals mean. */
const REACH_OF: Record<string, Reach> = {
  'gateway.budget_spent': 'cut',
  'gateway.no_access': 'no_access',
  'gateway.not_signed_in': 'signed_out',
  'gateway.workspace_down': 'closed'
};

/** How often the gateway is asked while the link is not open, milliseconds. */
const AGAIN = 15_000;
/** After how long an earlier cut counts no more, milliseconds. */
const FORGOTTEN = 120_000;
/** For how long one answer serves every websocket that closed about the same time, milliseconds. */
const SETTLE = 1_000;

/**
 * Knows why the workspace cannot be reached: asks the gateway whenever a websocket or a request failed.
 */
export class Link implements ILink, ISocketWatch, IDisposable {
  constructor(private readonly _backend: IBackend) {}

  reach: Reach = 'open';
  message = '';

  get changed(): ISignal<this, Reach> {
    return this._changed;
  }

  get socketClosed(): ISignal<this, string> {
    return this._socketClosed;
  }

  get held(): boolean {
    return this.reach !== 'open' && this.reach !== 'unreachable';
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  whenOpen(callback: () => void): void {
    this._waiting.push(callback);
  }

  closed(code: number, reason: string): void {
    this._socketClosed.emit(reason);
    if (code !== CUT) {
      this._later(SETTLE);
      return;
    }
    // Where every new try ends the same way, tries become rare.
    const now = Date.now();
    this._cuts = now - this._cutAt < FORGOTTEN ? this._cuts + 1 : 0;
    this._cutAt = now;
    clearTimeout(this._timer);
    this._timer = undefined;
    this._become('cut', '', Math.min(SETTLE * 2 ** this._cuts, AGAIN));
  }

  async check(): Promise<void> {
    clearTimeout(this._timer);
    this._timer = undefined;
    try {
      // Traffic tells of a cut and, like every route, of a lost access; without it, who is signed in does.
      const { state, message } = await this._traffic();
      this._become(state === 'cut' ? 'cut' : 'open', state === 'cut' ? (message ?? '') : '');
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this._become(REACH_OF[error.code] ?? 'unreachable', error.message);
    }
  }

  private async _traffic(): Promise<{ state?: string; message?: string | null }> {
    try {
      return await this._backend.request('hdh/traffic');
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.code === 'gateway.route_closed')) {
        return await this._backend.request('hdh/me');
      }
      throw error;
    }
  }

  private _become(reach: Reach, message: string, wait = AGAIN): void {
    if (this._disposed) {
      return;
    }
    const before = this.reach;
    const same = before === reach && this.message === message;
    this.reach = reach;
    this.message = message;
    if (!same) {
      this._changed.emit(before);
    }
    if (reach !== 'open') {
      this._later(wait);
      return;
    }
    for (const callback of this._waiting.splice(0)) {
      callback();
    }
  }

  private _later(wait: number): void {
    if (this._timer !== undefined) {
      return;
    }
    this._timer = setTimeout(() => {
      this._timer = undefined;
      void this.check();
    }, wait);
  }

  private readonly _changed = new Signal<this, Reach>(this);
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _socketClosed = new Signal<this, string>(this);
  private readonly _waiting: (() => void)[] = [];
  private _cuts = 0;
  private _cutAt = -Infinity;
  private _disposed = false;
}
