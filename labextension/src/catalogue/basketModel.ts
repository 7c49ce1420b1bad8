import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { Task } from './task';
import { IAccessRequest, IItem } from './types';

/** Characters of a purpose. */
export const LEAST_PURPOSE = 20;
export const MOST_PURPOSE = 4000;

/** What the basket keeps of a dataset. */
export type IWanted = Pick<IItem, 'id' | 'title' | 'steward'>;

/**
 * The databases that the project would like to use: those chosen, and the requests made before.
 */
export class BasketModel {
  constructor(private readonly _backend: IBackend) {
    this._task = new Task(() => this._changed.emit());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  purpose = '';
  requests: IAccessRequest[] | null = null;
  /** The requests that were sent last, for a word of thanks. */
  sent: IAccessRequest[] = [];

  get loading(): boolean {
    return this._task.loading;
  }

  get error(): ApiError | null {
    return this._task.error;
  }

  get wanted(): readonly IWanted[] {
    return [...this._wanted.values()];
  }

  /** Those wanted, by steward: each gets one request. */
  get bySteward(): [string, IWanted[]][] {
    const stewards = new Map<string, IWanted[]>();
    for (const dataset of this.wanted) {
      stewards.set(dataset.steward, [...(stewards.get(dataset.steward) ?? []), dataset]);
    }
    return [...stewards];
  }

  get canSend(): boolean {
    return this._wanted.size > 0 && this.purpose.trim().length >= LEAST_PURPOSE && !this.loading;
  }

  has(id: string): boolean {
    return this._wanted.has(id);
  }

  add({ id, title, steward }: IWanted): void {
    this._wanted.set(id, { id, title, steward });
    this.sent = [];
    this._changed.emit();
  }

  remove(id: string): void {
    this._wanted.delete(id);
    this._changed.emit();
  }

  write(purpose: string): void {
    this.purpose = purpose;
    this._changed.emit();
  }

  /**
   * Ask for the requests made before.
   */
  load(): Promise<void> {
    return this._task.run(async signal => {
      this.requests = (
        await this._backend.request<{ requests: IAccessRequest[] }>('hdh/access-requests', { signal })
      ).requests;
    });
  }

  /**
   * Send the requests, one per steward; the basket is empty afterwards.
   */
  send(): Promise<void> {
    return this._task.run(async signal => {
      const body = { datasets: [...this._wanted.keys()], purpose: this.purpose.trim() };
      const { requests } = await this._backend.request<{ requests: IAccessRequest[] }>('hdh/access-requests', {
        body,
        signal
      });
      this.sent = requests;
      this.requests = [...requests, ...(this.requests ?? [])];
      this._wanted.clear();
      this.purpose = '';
    });
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _task: Task;
  private readonly _wanted = new Map<string, IWanted>();
}
