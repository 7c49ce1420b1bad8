import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { ApiError } from '../api';
import { portalIcon } from '../icons';
import { askPortal } from '../portalPage';
import { DOMAIN, IBackend } from '../tokens';

const PORTAL = 'hdh-workspace:portal';

/**
 * The way back to the portal.
 */
export const portalPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:portal',
  description: 'Asks the portal’s page around this one to go back to the portal.',
  autoStart: true,
  requires: [IBackend, ITranslator],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, backend: IBackend, translator: ITranslator, palette: ICommandPalette | null) => {
    const trans = translator.load(DOMAIN);
    app.commands.addCommand(PORTAL, {
      label: trans.__('Back to the portal'),
      caption: trans.__('Leave this page; what runs in the workspace goes on'),
      icon: portalIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        try {
          askPortal((await backend.me()).hub_url, { hdh: 'portal' });
        } catch (error) {
          const message = error instanceof ApiError ? error.message : String(error);
          await showErrorMessage(trans.__('The portal cannot be reached'), message);
        }
      }
    });
    palette?.addItem({ command: PORTAL, category: trans.__('Health data') });
  }
};
