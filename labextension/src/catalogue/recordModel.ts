import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { Task } from './task';
import { IRecord, ITableVariables, IVariable, SnippetLanguage } from './types';

export type Tab = 'facts' | 'conditions' | 'variables' | 'citation';

/** Variables of a table asked for at a time. */
const VARIABLES = 200;

/** Where in a record to begin. */
export interface IPlace {
  tab: Tab;
  table?: string;
  variable?: string;
}

/**
 * A record that is open: its page, the variables of the tables that were looked into, and the variables chosen.
 */
export class RecordModel implements IDisposable {
  constructor(
    private readonly _backend: IBackend,
    readonly id: string,
    /** The title, as far as it is known before the record came. */
    readonly title: string,
    readonly place: IPlace = { tab: 'facts' }
  ) {
    this.tab = place.tab;
    this._task = new Task(() => this._changed.emit());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  tab: Tab;
  record: IRecord | null = null;
  readonly tables = new Map<string, ITableVariables>();
  readonly openTables = new Set<string>();
  readonly chosen = new Set<string>();

  get loading(): boolean {
    return this._task.loading;
  }

  get error(): ApiError | null {
    return this._task.error;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._task.giveUp();
    Signal.clearData(this);
  }

  load(): Promise<void> {
    return this._task.run(async signal => {
      const record = await this._backend.request<IRecord>(this._path, { signal });
      this.record = record;
      const first = this.place.table ?? (record.tables.length === 1 ? record.tables[0]?.name : undefined);
      if (first !== undefined) {
        this.openTables.add(first);
        await this._loadTable(first, 0, signal);
      }
    });
  }

  show(tab: Tab): void {
    this.tab = tab;
    this._changed.emit();
  }

  /**
   * Open or close a table; its variables are loaded the first time.
   */
  async toggle(table: string, open: boolean): Promise<void> {
    if (open === this.openTables.has(table)) {
      return;
    }
    if (open) {
      this.openTables.add(table);
    } else {
      this.openTables.delete(table);
    }
    this._changed.emit();
    if (open && !this.tables.has(table)) {
      await this.more(table);
    }
  }

  /**
   * Load the next variables of a table.
   */
  more(table: string): Promise<void> {
    const shown = this.tables.get(table)?.variables.length ?? 0;
    return this._task.run(signal => this._loadTable(table, shown, signal));
  }

  choose(variable: string, chosen: boolean): void {
    if (chosen) {
      this.chosen.add(variable);
    } else {
      this.chosen.delete(variable);
    }
    this._changed.emit();
  }

  clearChosen(): void {
    this.chosen.clear();
    this._changed.emit();
  }

  /**
   * Return the code that reads the dataset.
   *
   * @param variables - The columns to read; none for all.
   * @throws ApiError - among others when the project may not read it.
   */
  async snippet(language: SnippetLanguage, variables: readonly string[] = []): Promise<string> {
    const query = { language, ...(variables.length > 0 && { variables: variables.join(',') }) };
    const answer = await this._backend.request<{ code: string }>(`${this._path}/snippet`, { query });
    return answer.code;
  }

  private get _path(): string {
    return `hdh-catalogue/datasets/${encodeURIComponent(this.id)}`;
  }

  private async _loadTable(table: string, offset: number, signal: AbortSignal): Promise<void> {
    const query = { table, offset: String(offset), limit: String(VARIABLES) };
    const next = await this._backend.request<ITableVariables>(`${this._path}/variables`, { query, signal });
    const shown: IVariable[] = offset > 0 ? (this.tables.get(table)?.variables ?? []) : [];
    this.tables.set(table, { ...next, variables: [...shown, ...next.variables] });
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _task: Task;
  private _disposed = false;
}
