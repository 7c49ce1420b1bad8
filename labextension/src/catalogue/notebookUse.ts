import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { CatalogueModel } from './model';
import { IItem } from './types';

/** Milliseconds without a change before a notebook is read. */
const PAUSE = 800;

/** Names of a notebook that the catalogue is asked about. */
const MOST = 50;

const PATH = /\/data\/([a-z][a-z0-9_-]*)/g;
const WORD = /(?<![\w/.-])[a-z][a-z0-9_-]{2,62}[a-z0-9](?![\w(=-])/g;

/**
 * Which databases the current notebook uses: those whose folder or id stands in its cells.
 */
export class NotebookUse implements IDisposable {
  constructor(
    tracker: INotebookTracker,
    private readonly _catalogue: Pick<CatalogueModel, 'known'>
  ) {
    tracker.currentChanged.connect(this._switched);
    this._switched(tracker, tracker.currentWidget);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  notebook: string | null = null;
  used: readonly IItem[] = [];
  /** Nothing is asked while nobody looks. */
  get watched(): boolean {
    return this._watched;
  }

  set watched(watched: boolean) {
    this._watched = watched;
    if (watched) {
      this._later();
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    window.clearTimeout(this._pause);
    Signal.clearData(this);
  }

  private readonly _switched = (_: INotebookTracker, panel: NotebookPanel | null): void => {
    this._panel?.context.model.contentChanged.disconnect(this._later);
    this._panel = panel;
    panel?.context.model.contentChanged.connect(this._later);
    panel?.disposed.connect(() => {
      if (this._panel === panel) {
        this._panel = null;
        this._later();
      }
    });
    void panel?.context.ready.then(this._later);
    this._later();
  };

  private readonly _later = (): void => {
    window.clearTimeout(this._pause);
    if (this._watched && !this._disposed) {
      this._pause = window.setTimeout(() => void this._read(), PAUSE);
    }
  };

  private async _read(): Promise<void> {
    const panel = this._panel;
    const text = [...(panel?.context.model.cells ?? [])].map(cell => cell.sharedModel.getSource()).join('\n');
    const names = namesIn(text);
    const asked = names.join();
    if (asked !== this._asked) {
      try {
        this.used = names.length > 0 ? await this._catalogue.known(names) : [];
        this._asked = asked;
      } catch (error) {
        // The list itself says that the catalogue does not answer.
        if (!(error instanceof ApiError)) {
          throw error;
        }
      }
    }
    if (panel === this._panel) {
      this.notebook = panel?.title.label ?? null;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _panel: NotebookPanel | null = null;
  private _asked = '';
  private _pause = 0;
  private _watched = false;
  private _disposed = false;
}

/**
 * Return what in a notebook's text may name a database: folders below /data first, then words that look like ids.
 */
export function namesIn(text: string): string[] {
  const paths = [...text.matchAll(PATH)].map(found => found[1] ?? '');
  const words = [...text.matchAll(WORD)].map(found => found[0]);
  return [...new Set([...paths, ...words])].slice(0, MOST);
}
