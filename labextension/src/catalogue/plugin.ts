import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { catalogueIcon } from '../icons';
import { DOMAIN, IBackend } from '../tokens';
import { MatrixModel } from './matrixModel';
import { MatrixWidget } from './matrixWidget';
import { CatalogueModel } from './model';
import { NotebookUse } from './notebookUse';
import { CataloguePanel } from './panel';
import { NotebookTargets } from './reading';
import { RecordWidget } from './recordWidget';

const OPEN = 'hdh-catalogue:open';
const MATRIX = 'hdh-catalogue:matrix';

/**
 * The catalogue of health databases in the left area, with records and the matrix of topics in the main area.
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
    const model = new CatalogueModel(backend);
    const inMain = new Map<string, MainAreaWidget>();

    /** Show what is open already, or make it. */
    const show = (id: string, make: () => Widget): void => {
      let main = inMain.get(id);
      if (!main || main.isDisposed) {
        main = new MainAreaWidget({ content: make() });
        main.id = id;
        inMain.set(id, main);
        shell.add(main, 'main');
      }
      shell.activateById(main.id);
    };
    const showPanel = (): void => shell.activateById(panel.id);
    const showMatrix = (): void =>
      show('hdh-catalogue-main-matrix', () => new MatrixWidget(new MatrixModel(backend), model, trans, showPanel));
    const panel = new CataloguePanel(
      model,
      new NotebookUse(notebooks, model),
      targets,
      {
        showMatrix,
        showRecord: record =>
          show(
            `hdh-catalogue-main-${record.id}`,
            () => new RecordWidget(record, model, targets, trans, language, showPanel)
          )
      },
      trans,
      language
    );
    shell.add(panel, 'left', { rank: 150 });
    restorer?.add(panel, panel.id);

    commands.addCommand(OPEN, {
      label: trans.__('Catalogue of health databases'),
      caption: trans.__('Search the health databases and see what this project may use'),
      icon: catalogueIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: showPanel
    });
    commands.addCommand(MATRIX, {
      label: trans.__('Topics by databases'),
      caption: trans.__('See which health databases speak of what'),
      icon: catalogueIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: showMatrix
    });
    for (const command of [OPEN, MATRIX]) {
      palette?.addItem({ command, category: trans.__('Health data') });
    }
  }
};
