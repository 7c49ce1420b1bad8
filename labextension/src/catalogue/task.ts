import { ApiError } from '../api';

/**
 * Something that is loaded, of which the last attempt counts: an earlier one is given up.
 */
export class Task {
  /**
   * @param onChange - Told when it begins and when it ends.
   */
  constructor(private readonly _onChange: () => void) {}

  loading = false;
  error: ApiError | null = null;

  /**
   * Do the work; what goes wrong is in `error` afterwards.
   */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.giveUp();
    const attempt = new AbortController();
    this._attempt = attempt;
    this.loading = true;
    this.error = null;
    this._onChange();
    try {
      await work(attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) {
        return;
      }
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.error = error;
    } finally {
      if (this._attempt === attempt) {
        this.loading = false;
        this._onChange();
      }
    }
  }

  giveUp(): void {
    this._attempt?.abort();
    this._attempt = null;
    this.loading = false;
  }

  private _attempt: AbortController | null = null;
}
