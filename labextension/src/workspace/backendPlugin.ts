import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import { Backend } from '../backend';
import { DOMAIN, IBackend } from '../tokens';

/**
 * Requests to the workspace and to the gateway before it.
 */
export const backendPlugin: JupyterFrontEndPlugin<IBackend> = {
  id: '@hdh/jupyter-labextension:backend',
  description: 'Sends requests to the workspace and to the gateway before it.',
  autoStart: true,
  provides: IBackend,
  requires: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator) =>
    new Backend(app.serviceManager.serverSettings, translator.languageCode, translator.load(DOMAIN))
};
