import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { catalogueIcon } from '../icons';
import { DOMAIN, IBackend } from '../tokens';
import { CatalogueModel } from './model';
import { CataloguePanel } from './panel';
import { NotebookTargets } from './reading';

const OPEN = 'hdh-catalogue:open';

/**
 * The catalogue of health databases in the left area.
 */
export const cataloguePlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:catalogue',
  description: 'Shows the catalogue of health databases and inserts the code that reads them.',
  autoStart: true,
  requires: [IBackend, INotebookTracker, ITranslator],
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    backend: IBackend,
    notebooks: INotebookTracker,
    translator: ITranslator,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = translator.load(DOMAIN);
    const { commands, serviceManager, shell } = app;
    const targets = new NotebookTargets(notebooks, serviceManager.kernelspecs, commands);
    const language = translator.languageCode.startsWith('fr') ? 'fr' : 'en';
    const panel = new CataloguePanel(new CatalogueModel(backend), targets, trans, language);
    shell.add(panel, 'left', { rank: 150 });
    restorer?.add(panel, panel.id);

    commands.addCommand(OPEN, {
      label: trans.__('Catalogue of health databases'),
      caption: trans.__('Search the health databases and see what this project may use'),
      icon: catalogueIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => shell.activateById(panel.id)
    });
    palette?.addItem({ command: OPEN, category: trans.__('Health data') });
  }
};
