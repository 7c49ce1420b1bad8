import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from './api';
import { IBackend } from './tokens';

/**
 * Something that the gateway tells, asked again and again while the page is looked at.
 */
export class Polled<T extends object> implements IDisposable {
  /**
   * @param endpoint - Below the workspace's base URL.
   * @param interval - Milliseconds between two questions.
   */
  constructor(
    private readonly _backend: IBackend,
    private readonly _endpoint: string,
    interval: number
  ) {
    this._timer = setInterval(() => {
      if (document.visibilityState !== 'hidden') {
        void this.refresh();
      }
    }, interval);
  }

  /** What was told last; null before the first answer, and where nobody tells it. */
  value: T | null = null;
  /** Why the last question had no answer; null when it had one. */
  error: ApiError | null = null;

  /** Emitted after each answer, with what was told before. */
  get changed(): ISignal<this, T | null> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearInterval(this._timer);
    Signal.clearData(this);
  }

  /**
   * Ask now.
   */
  async refresh(): Promise<void> {
    const before = this.value;
    try {
      const answer = await this._backend.request<unknown>(this._endpoint);
      this.value = typeof answer === 'object' && answer !== null ? (answer as T) : null;
      this.error = null;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.error = error;
    }
    if (!this._disposed) {
      this._changed.emit(before);
    }
  }

  private readonly _changed = new Signal<this, T | null>(this);
  private readonly _timer: ReturnType<typeof setInterval>;
  private _disposed = false;
}
