import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../tokens';
import { Closed, explanationOf } from './explanations';
import { REMOVED, removeCommands } from './removal';

const COMMANDS: Record<Closed, string> = {
  download: 'hdh-closed:download',
  export: 'hdh-closed:export',
  print: 'hdh-closed:print'
};
const REQUEST = 'hdh-egress:request';

/**
 * Explains what is closed where a person looks for it, and removes what leads nowhere.
 */
export const closedPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:closed',
  description: 'Explains why downloads, exports and printing are closed, and removes commands that lead nowhere.',
  autoStart: true,
  requires: [ITranslator],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, translator: ITranslator, palette: ICommandPalette | null) => {
    const trans = translator.load(DOMAIN);
    const { commands } = app;
    removeCommands(commands, REMOVED);
    for (const closed of Object.keys(COMMANDS) as Closed[]) {
      const { label, title, why } = explanationOf(closed, trans);
      commands.addCommand(COMMANDS[closed], {
        label,
        caption: title,
        describedBy: {
          args: {
            type: 'object',
            properties: {
              source: {
                type: 'string',
                enum: ['notebook', 'browser'],
                description: trans.__('What is meant: the active notebook, or the selection in the file browser')
              }
            }
          }
        },
        execute: async args => {
          const { button } = await showDialog({
            title,
            body: `${why} ${trans.__('Results leave by a request that two output checkers look at.')}`,
            buttons: [
              Dialog.cancelButton({ label: trans.__('Close') }),
              Dialog.okButton({ label: trans.__('Request extraction instead') })
            ]
          });
          if (button.accept) {
            await commands.execute(REQUEST, args);
          }
        }
      });
      palette?.addItem({ command: COMMANDS[closed], category: trans.__('Health data') });
    }
  }
};
