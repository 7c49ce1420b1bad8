import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CommandToolbarButton, ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { extractionIcon } from '../icons';
import { DOMAIN, IBackend, IExtraction } from '../tokens';
import { ExtractionDialog } from './dialog';
import { ExtractionModel } from './model';
import { WorkspaceFiles } from './workspaceFiles';

const REQUEST = 'hdh-egress:request';

/** Where the command was called from, which says what files are meant. */
type Source = 'notebook' | 'browser';

/**
 * Requests to take files out: from a notebook's toolbar, the file browser's context menu and the command palette.
 */
export const extractionPlugin: JupyterFrontEndPlugin<IExtraction> = {
  id: '@hdh/jupyter-labextension:extraction',
  description: 'Checks chosen files and prepares a request to take them out of the workspace.',
  autoStart: true,
  provides: IExtraction,
  requires: [IBackend, IDocumentManager, ITranslator],
  optional: [INotebookTracker, IFileBrowserFactory, IToolbarWidgetRegistry, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    backend: IBackend,
    documents: IDocumentManager,
    translator: ITranslator,
    notebooks: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    toolbars: IToolbarWidgetRegistry | null,
    palette: ICommandPalette | null
  ): IExtraction => {
    const trans = translator.load(DOMAIN);
    const { commands, serviceManager } = app;
    const label = trans.__('Request extraction');
    const caption = trans.__('Check files and request to take them out of the workspace');

    const selected = (): string[] =>
      [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])]
        .filter(item => item.type !== 'directory')
        .map(item => serviceManager.contents.localPath(item.path));
    const activeNotebook = (): string[] => {
      const panel = notebooks?.currentWidget;
      return panel ? [serviceManager.contents.localPath(panel.context.path)] : [];
    };
    const chosen = (source: Source | undefined): string[] => {
      if (source === 'browser') {
        return selected();
      }
      const notebookIsCurrent = notebooks?.currentWidget && notebooks.currentWidget === app.shell.currentWidget;
      return source === 'notebook' || notebookIsCurrent ? activeNotebook() : selected();
    };

    const extraction: IExtraction = {
      open: async paths => {
        const role = await backend.me().then(
          person => person.role,
          () => null
        );
        const model = new ExtractionModel(backend, new WorkspaceFiles(app, documents, browsers, trans));
        const dialog = new ExtractionDialog(model, role, trans);
        const closed = dialog.launch();
        void model.lookAround();
        void model.add(paths);
        await closed;
      }
    };

    commands.addCommand(REQUEST, {
      label,
      caption,
      icon: extractionIcon,
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
      execute: args => extraction.open(chosen(args['source'] as Source | undefined))
    });
    palette?.addItem({ command: REQUEST, category: trans.__('Health data') });
    toolbars?.addFactory<NotebookPanel>(
      'Notebook',
      'hdh-extraction',
      () =>
        new CommandToolbarButton({
          commands,
          id: REQUEST,
          args: { source: 'notebook' },
          label,
          caption,
          icon: extractionIcon
        })
    );
    return extraction;
  }
};
