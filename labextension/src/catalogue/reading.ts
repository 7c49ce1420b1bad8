import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { KernelSpec } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';
import { ISignal, Signal } from '@lumino/signaling';

import { SnippetLanguage } from './types';

const LANGUAGES: Record<string, SnippetLanguage> = { python: 'python', r: 'R', julia: 'julia' };

/**
 * A place for reading code: the active notebook, or a new one of a kernel.
 */
export interface ITarget {
  /** The notebook's name, or the kernel's. */
  name: string;
  /** Null when the catalogue writes no code for this notebook's language. */
  language: SnippetLanguage | null;
  insert(code: string): Promise<void>;
}

/**
 * Where reading code can go.
 */
export interface IReadingTargets {
  readonly changed: ISignal<IReadingTargets, void>;
  active(): ITarget | null;
  fresh(): ITarget[];
  /** The language of what is dragged: the active notebook's, else Python. */
  language(): SnippetLanguage;
}

/**
 * The notebooks of JupyterLab as places for reading code.
 */
export class NotebookTargets implements IReadingTargets {
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _specs: KernelSpec.IManager,
    private readonly _commands: CommandRegistry
  ) {
    const changed = () => this._changed.emit();
    _tracker.currentChanged.connect((_, panel) => {
      panel?.sessionContext.kernelChanged.connect(changed);
      panel?.sessionContext.statusChanged.connect(changed);
      changed();
    });
    _specs.specsChanged.connect(changed);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  active(): ITarget | null {
    const panel = this._tracker.currentWidget;
    if (!panel) {
      return null;
    }
    return {
      name: panel.title.label,
      language: this._languageOf(panel),
      insert: code => insertCode(panel, code)
    };
  }

  fresh(): ITarget[] {
    const specs = this._specs.specs?.kernelspecs ?? {};
    return Object.entries(specs).flatMap(([kernelName, spec]) => {
      const language = spec && LANGUAGES[spec.language.toLowerCase()];
      return language ? [{ name: spec.display_name, language, insert: code => this._create(kernelName, code) }] : [];
    });
  }

  language(): SnippetLanguage {
    return this.active()?.language ?? 'python';
  }

  private _languageOf(panel: NotebookPanel): SnippetLanguage | null {
    const kernelName = panel.sessionContext.session?.kernel?.name ?? panel.sessionContext.kernelPreference.name ?? '';
    const language = this._specs.specs?.kernelspecs[kernelName]?.language ?? panel.content.model?.defaultKernelLanguage;
    return LANGUAGES[(language ?? '').toLowerCase()] ?? null;
  }

  private async _create(kernelName: string, code: string): Promise<void> {
    const panel = (await this._commands.execute('notebook:create-new', { kernelName })) as NotebookPanel;
    await insertCode(panel, code);
  }

  private readonly _changed = new Signal<this, void>(this);
}

/**
 * Put code in a notebook: in the active cell when that is an empty code cell, else in a new one below it.
 */
export async function insertCode(panel: NotebookPanel, code: string): Promise<void> {
  await panel.context.ready;
  await panel.revealed;
  const notebook = panel.content;
  const active = notebook.activeCell?.model;
  if (!active || active.type !== 'code' || active.sharedModel.getSource().trim() !== '') {
    NotebookActions.insertBelow(notebook);
    NotebookActions.changeCellType(notebook, 'code');
  }
  notebook.activeCell?.model.sharedModel.setSource(code.trimEnd());
  notebook.mode = 'edit';
  panel.activate();
}
