import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { Task } from './task';
import { IMatrix } from './types';

/**
 * The matrix of topics by databases.
 */
export class MatrixModel {
  constructor(private readonly _backend: IBackend) {
    this._task = new Task(() => this._changed.emit());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  matrix: IMatrix | null = null;

  get loading(): boolean {
    return this._task.loading;
  }

  get error(): ApiError | null {
    return this._task.error;
  }

  load(): Promise<void> {
    return this._task.run(async signal => {
      this.matrix = await this._backend.request<IMatrix>('hdh-catalogue/matrix', { signal });
    });
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _task: Task;
}
