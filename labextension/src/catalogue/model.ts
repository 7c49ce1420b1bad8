import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { BasketModel } from './basketModel';
import { IPlace, RecordModel } from './recordModel';
import { Task } from './task';
import { IItem, ISearchResults } from './types';

/** Results asked for at a time. */
export const PAGE = 50;

/** Milliseconds without a keystroke before a search starts. */
const PAUSE = 150;

/** The facet of whether this project may use a database. */
export const USABLE = 'usable';

/** The facet that tells databases from variables. */
export const RESULT = 'result';

/** A condition in words, with what takes it away. */
export interface ICondition {
  facet: string;
  value: string;
  label: string;
}

/**
 * What the catalogue panel shows: a search with its conditions and results, a record that is open, or the basket.
 */
export class CatalogueModel implements IDisposable {
  constructor(private readonly _backend: IBackend) {
    this.basket = new BasketModel(_backend);
    this.basket.changed.connect(() => this._changed.emit());
    this._task = new Task(() => this._changed.emit());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  readonly basket: BasketModel;
  query = '';
  conditions: readonly ICondition[] = [];
  /** Databases to which the search is limited. */
  datasets: readonly { id: string; title: string }[] = [];
  results: ISearchResults | null = null;
  suggestions: readonly string[] = [];
  opened: RecordModel | null = null;
  basketOpen = false;

  get loading(): boolean {
    return this._task.loading;
  }

  get error(): ApiError | null {
    return this._task.error;
  }

  get onlyUsable(): boolean {
    return this.has(USABLE, 'true');
  }

  /** Whether the search is limited by more than its words. */
  get isLimited(): boolean {
    return this.conditions.length > 0 || this.datasets.length > 0;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._giveUp();
    this.opened?.dispose();
    Signal.clearData(this);
  }

  has(facet: string, value: string): boolean {
    return this.conditions.some(condition => condition.facet === facet && condition.value === value);
  }

  /**
   * Search while somebody types: after a short pause.
   */
  type(query: string): void {
    this.query = query;
    this._changed.emit();
    window.clearTimeout(this._pause);
    this._pause = window.setTimeout(() => {
      void this.search();
      void this._suggest();
    }, PAUSE);
  }

  /**
   * Take a suggestion.
   */
  take(suggestion: string): Promise<void> {
    this.query = `${suggestion} `;
    return this.search();
  }

  /** Put the suggestions away. */
  forgetSuggestions(): void {
    this._asked++;
    if (this.suggestions.length > 0) {
      this.suggestions = [];
      this._changed.emit();
    }
  }

  /**
   * Set a condition or take it away.
   */
  limit(condition: ICondition, on: boolean): Promise<void> {
    const others = this.conditions.filter(({ facet, value }) => facet !== condition.facet || value !== condition.value);
    this.conditions = on ? [...others, condition] : others;
    return this.search();
  }

  /**
   * Keep databases, variables or both.
   */
  limitKind(condition: ICondition | null): Promise<void> {
    const others = this.conditions.filter(({ facet }) => facet !== RESULT);
    this.conditions = condition ? [...others, condition] : others;
    return this.search();
  }

  /**
   * Look for words in some databases.
   */
  lookFor(query: string, datasets: readonly { id: string; title: string }[]): Promise<void> {
    this.query = query;
    this.datasets = datasets;
    this.conditions = [];
    this._leave();
    return this.search();
  }

  /** Take every condition away; the words stay. */
  clearConditions(): Promise<void> {
    this.conditions = [];
    this.datasets = [];
    return this.search();
  }

  /** Do not limit the search to a database any more. */
  release(dataset: string): Promise<void> {
    this.datasets = this.datasets.filter(({ id }) => id !== dataset);
    return this.search();
  }

  /**
   * Search anew, from the first result.
   */
  search(): Promise<void> {
    window.clearTimeout(this._pause);
    this.forgetSuggestions();
    return this._task.run(async signal => {
      this.results = await this._page(0, signal);
    });
  }

  /**
   * Add the next results to the list.
   */
  more(): Promise<void> {
    const shown = this.results?.items ?? [];
    return this._task.run(async signal => {
      const next = await this._page(shown.length, signal);
      this.results = { ...next, items: [...shown, ...next.items] };
    });
  }

  /**
   * Return those of some databases that the catalogue knows.
   *
   * @throws ApiError
   */
  async known(ids: readonly string[]): Promise<IItem[]> {
    const query = [...ids.map(id => ['dataset', id]), ['kind', 'dataset'], ['limit', '100']];
    const found = await this._backend.request<ISearchResults>(`hdh-catalogue/search?${encoded(query)}`);
    return found.items.filter(item => item.kind === 'dataset');
  }

  open(id: string, title: string, place?: IPlace): Promise<void> {
    this.opened?.dispose();
    const record = this.record(id, title, place);
    record.changed.connect(() => this._changed.emit());
    this.opened = record;
    this.basketOpen = false;
    this.forgetSuggestions();
    this._changed.emit();
    return record.load();
  }

  /** Return a record's model, for a widget of its own. */
  record(id: string, title: string, place?: IPlace): RecordModel {
    return new RecordModel(this._backend, id, title, place);
  }

  showBasket(): Promise<void> {
    this._leave();
    this.basketOpen = true;
    this._changed.emit();
    return this.basket.load();
  }

  /**
   * Go back to the list.
   */
  close(): void {
    this._leave();
    this._changed.emit();
  }

  private _leave(): void {
    this.opened?.dispose();
    this.opened = null;
    this.basketOpen = false;
  }

  private async _suggest(): Promise<void> {
    const asked = ++this._asked;
    const start = this.query;
    if (start.trim().length < 2 || start.endsWith(' ')) {
      return;
    }
    try {
      const query = { q: start };
      const { suggestions } = await this._backend.request<{ suggestions: string[] }>('hdh-catalogue/suggest', {
        query
      });
      if (asked === this._asked && start === this.query) {
        this.suggestions = suggestions.filter(text => text.toLowerCase() !== start.trim().toLowerCase());
        this._changed.emit();
      }
    } catch (error) {
      // Suggestions are a help: the search itself says what is wrong.
      if (!(error instanceof ApiError)) {
        throw error;
      }
    }
  }

  private _page(offset: number, signal: AbortSignal): Promise<ISearchResults> {
    // Without words there is no end of variables: the list is that of the databases.
    const browsing = this.query.trim() === '' && !this.conditions.some(({ facet }) => facet === RESULT);
    const query = [
      ['q', this.query],
      ['limit', String(PAGE)],
      ['offset', String(offset)],
      ['kind', browsing ? 'dataset' : 'all'],
      ...this.conditions.map(({ facet, value }) => ['facet', `${facet}:${value}`]),
      ...this.datasets.map(({ id }) => ['dataset', id])
    ];
    return this._backend.request<ISearchResults>(`hdh-catalogue/search?${encoded(query)}`, { signal });
  }

  private _giveUp(): void {
    window.clearTimeout(this._pause);
    this._task.giveUp();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _task: Task;
  private _disposed = false;
  private _pause = 0;
  private _asked = 0;
}

/** Return the parameters of an address; a name may come more than once. */
function encoded(parameters: string[][]): string {
  return new URLSearchParams(parameters).toString();
}
