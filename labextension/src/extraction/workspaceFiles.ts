import { JupyterFrontEnd } from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { Contents } from '@jupyterlab/services';
import { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../api';
import { IWorkspaceFiles } from './model';

/** Where the starter notebooks write what is meant to leave. */
const RESULTS = 'results';

/** The kinds of file that are results; code, data and models can be chosen in the file browser. */
const RESULT = /\.(csv|tsv|xlsx|parquet|png|jpe?g|svg|pdf|ipynb|html?|md|tex|txt)$/i;

/**
 * The files of the workspace through JupyterLab's own documents and contents.
 */
export class WorkspaceFiles implements IWorkspaceFiles {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _documents: IDocumentManager,
    private readonly _browsers: IFileBrowserFactory | null,
    private readonly _trans: TranslationBundle
  ) {}

  async save(paths: readonly string[]): Promise<void> {
    const contents = this._app.serviceManager.contents;
    for (const widget of this._app.shell.widgets('main')) {
      const context = this._documents.contextForWidget(widget);
      if (context?.model.dirty && paths.includes(contents.localPath(context.path))) {
        try {
          await context.save();
        } catch {
          const name = contents.localPath(context.path);
          throw new ApiError('workspace.unsaved', this._trans.__('“%1” could not be saved.', name), 0);
        }
      }
    }
  }

  async offered(): Promise<string[]> {
    const folders = [RESULTS];
    const shown = this._browsers?.tracker.currentWidget?.model.path;
    if (shown !== undefined) {
      folders.push(this._app.serviceManager.contents.localPath(shown));
    }
    const found = await Promise.all([...new Set(folders)].map(folder => this._readableIn(folder)));
    return [...new Set(found.flat())].sort((a, b) => a.localeCompare(b));
  }

  /** A folder that is missing or cannot be read offers nothing: it is only a suggestion. */
  private async _readableIn(folder: string): Promise<string[]> {
    try {
      const listing = await this._app.serviceManager.contents.get(folder, { content: true });
      const children = listing.content as Contents.IModel[];
      return children.filter(child => child.type !== 'directory' && RESULT.test(child.path)).map(child => child.path);
    } catch {
      return [];
    }
  }
}
