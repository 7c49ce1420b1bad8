import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { IProposal, IProposals } from './types';

/** The kinds of file whose cells can be protected; anything else is corrected where it was made. */
const TABLES: ReadonlySet<string> = new Set(['csv', 'tsv', 'workbook', 'parquet']);

/**
 * Tell whether a protected copy of a file can be asked for.
 */
export function isProtectable(kind: string): boolean {
  return TABLES.has(kind);
}

/**
 * What can be done about one file's tables: the ways, their cost, and the protected copy once one is chosen.
 */
export class Protection implements IDisposable {
  constructor(
    private readonly _backend: IBackend,
    readonly path: string
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  ways: IProposals | null = null;
  busy: 'looking' | 'applying' | null = null;
  error: ApiError | null = null;

  get isDisposed(): boolean {
    return this._stop.signal.aborted;
  }

  dispose(): void {
    this._stop.abort();
    Signal.clearData(this);
  }

  /**
   * Compute the ways to protect the file; they may take up to a minute for large tables.
   */
  async look(): Promise<void> {
    await this._attempting('looking', async signal => {
      this.ways = await this._backend.request<IProposals>('hdh-egress/remedies', { body: { path: this.path }, signal });
    });
  }

  /**
   * Write a protected copy beside the file.
   *
   * @returns its path, or null when it could not be made, which `error` explains.
   */
  async apply(proposal: IProposal): Promise<string | null> {
    let made: string | null = null;
    await this._attempting('applying', async signal => {
      const { path } = await this._backend.request<{ path: string }>('hdh-egress/protect', {
        body: { path: this.path, remedies: [proposal.id] },
        signal
      });
      made = path;
    });
    return made;
  }

  private async _attempting(
    doing: 'looking' | 'applying',
    work: (signal: AbortSignal) => Promise<void>
  ): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = doing;
    this.error = null;
    this._changed.emit();
    try {
      await work(this._stop.signal);
    } catch (error) {
      if (this.isDisposed) {
        return;
      }
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.error = error;
    } finally {
      this.busy = null;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _stop = new AbortController();
}
