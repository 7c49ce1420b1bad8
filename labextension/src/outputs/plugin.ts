import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { IOutputs } from '../tokens';
import { Wording } from '../wording';
import { NotebookOutputs, weightOfNotebook } from './notebookOutputs';

const CLEAR = 'hdh-outputs:clear';
const SHORTEN = 'hdh-outputs:shorten';

/** From here on a notebook is said to be heavy: characters of its outputs. */
const HEAVY = 20 * 1024 ** 2;

/**
 * Removes or shortens the outputs of a notebook, and offers to where they are very large.
 */
export const outputsPlugin: JupyterFrontEndPlugin<IOutputs> = {
  id: '@hdh/jupyter-labextension:outputs',
  description: 'Removes or shortens the outputs of a notebook, and offers to where they are very large.',
  autoStart: true,
  provides: IOutputs,
  requires: [ITranslator],
  optional: [INotebookTracker, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null
  ): IOutputs => {
    const wording = new Wording(translator);
    const { trans } = wording;
    const outputs = new NotebookOutputs(notebooks, trans.__('[Shortened: run the cell to see it again.]'));
    const describedBy = { args: { type: 'object', properties: {} } };

    app.commands.addCommand(CLEAR, {
      label: trans.__('Clear the outputs of this notebook'),
      isEnabled: () => outputs.available,
      describedBy,
      execute: () => outputs.clear()
    });
    app.commands.addCommand(SHORTEN, {
      label: trans.__('Shorten the large outputs of this notebook'),
      isEnabled: () => outputs.available,
      describedBy,
      execute: () => outputs.shorten()
    });
    for (const command of [CLEAR, SHORTEN]) {
      palette?.addItem({ command, category: trans.__('Health data') });
    }

    const weigh = async (panel: NotebookPanel): Promise<void> => {
      await panel.revealed;
      const weight = weightOfNotebook(panel);
      if (panel.isDisposed || weight < HEAVY) {
        return;
      }
      const onThis = (work: () => void) => () => {
        app.shell.activateById(panel.id);
        work();
      };
      Notification.warning(
        trans.__(
          '“%1” holds %2 of outputs, which count as shown each time somebody opens it.',
          panel.title.label,
          wording.size(weight)
        ),
        {
          autoClose: false,
          actions: [
            { label: trans.__('Shorten the large ones'), callback: onThis(() => outputs.shorten()) },
            { label: trans.__('Clear all'), callback: onThis(() => outputs.clear()) }
          ]
        }
      );
    };
    notebooks?.widgetAdded.connect((_, panel) => void weigh(panel));
    return outputs;
  }
};
