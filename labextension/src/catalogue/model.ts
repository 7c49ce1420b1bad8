import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { IItem, IRecord, ISearchResults, SnippetLanguage } from './types';

/** Records asked for at a time. */
export const PAGE = 50;

/** Milliseconds without a keystroke before a search starts. */
const PAUSE = 150;

/**
 * What the catalogue panel shows: a search with its results, and the record that is open.
 */
export class CatalogueModel implements IDisposable {
  constructor(private readonly _backend: IBackend) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  query = '';
  onlyUsable = false;
  results: ISearchResults | null = null;
  record: IRecord | null = null;
  /** The list's line of the record that is open or on its way. */
  opened: IItem | null = null;
  loading = false;
  error: ApiError | null = null;

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._giveUp();
    Signal.clearData(this);
  }

  /**
   * Search while somebody types: after a short pause.
   */
  type(query: string): void {
    this.query = query;
    this._changed.emit();
    window.clearTimeout(this._pause);
    this._pause = window.setTimeout(() => void this.search(), PAUSE);
  }

  filter(onlyUsable: boolean): Promise<void> {
    this.onlyUsable = onlyUsable;
    return this.search();
  }

  /**
   * Search anew, from the first result.
   */
  search(): Promise<void> {
    window.clearTimeout(this._pause);
    return this._load(async signal => {
      this.results = await this._page(0, signal);
    });
  }

  /**
   * Add the next results to the list.
   */
  more(): Promise<void> {
    const shown = this.results?.items ?? [];
    return this._load(async signal => {
      const next = await this._page(shown.length, signal);
      this.results = { ...next, items: [...shown, ...next.items] };
    });
  }

  open(item: IItem): Promise<void> {
    this.opened = item;
    this.record = null;
    return this._load(async signal => {
      this.record = await this._backend.request<IRecord>(this._path(item.id), { signal });
    });
  }

  /**
   * Go back to the list.
   */
  close(): void {
    this._giveUp();
    this.opened = null;
    this.record = null;
    this.error = null;
    this.loading = false;
    this._changed.emit();
  }

  /**
   * Do again what failed.
   */
  retry(): Promise<void> {
    return this.opened ? this.open(this.opened) : this.search();
  }

  /**
   * Return the code that reads a granted dataset.
   *
   * @throws ApiError - among others when the project may not read it.
   */
  async snippet(id: string, language: SnippetLanguage): Promise<string> {
    const answer = await this._backend.request<{ code: string }>(`${this._path(id)}/snippet`, { query: { language } });
    return answer.code;
  }

  private _path(id: string): string {
    return `hdh-catalogue/datasets/${encodeURIComponent(id)}`;
  }

  private _page(offset: number, signal: AbortSignal): Promise<ISearchResults> {
    const query = {
      q: this.query,
      limit: String(PAGE),
      offset: String(offset),
      usable: String(this.onlyUsable)
    };
    return this._backend.request<ISearchResults>('hdh-catalogue/search', { query, signal });
  }

  private async _load(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this._giveUp();
    const attempt = new AbortController();
    this._attempt = attempt;
    this.loading = true;
    this.error = null;
    this._changed.emit();
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
        this._changed.emit();
      }
    }
  }

  private _giveUp(): void {
    window.clearTimeout(this._pause);
    this._attempt?.abort();
    this._attempt = null;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _attempt: AbortController | null = null;
  private _disposed = false;
  private _pause = 0;
}
