import { ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { IOutputs } from '../tokens';
import { LARGE, shortened, weightOf } from './shortening';

/**
 * The outputs of the current notebook, in the document that its people share.
 */
export class NotebookOutputs implements IOutputs {
  /**
   * @param _notebooks - Null where there are no notebooks.
   * @param _note - Says in place of what is left out that it was.
   */
  constructor(
    private readonly _notebooks: INotebookTracker | null,
    private readonly _note: string
  ) {}

  get available(): boolean {
    return this._cells().length > 0;
  }

  clear(): void {
    for (const cell of this._cells()) {
      cell.clearExecution();
    }
  }

  shorten(): void {
    for (const { outputs } of this._cells()) {
      const before = outputs.toJSON();
      if (weightOf(before) > LARGE) {
        outputs.fromJSON(shortened(before, this._note));
      }
    }
  }

  private _cells(): ICodeCellModel[] {
    const panel = this._notebooks?.currentWidget;
    return panel ? codeCells(panel) : [];
  }
}

/**
 * Return how much is sent each time a notebook is opened, for its outputs: characters.
 */
export function weightOfNotebook(panel: NotebookPanel): number {
  return codeCells(panel).reduce((sum, cell) => sum + weightOf(cell.outputs.toJSON()), 0);
}

function codeCells(panel: NotebookPanel): ICodeCellModel[] {
  return [...(panel.content.model?.cells ?? [])].filter(isCodeCellModel);
}
