import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { ITranslator } from '@jupyterlab/translation';

import { ApiError } from '../api';
import { DOMAIN, IBackend, IExtraction, ILink } from '../tokens';

/** How jupyter-collaboration names the document in the reason for which it closes a room. */
const REFUSED = /^Error initializing: (.+)\.$/;
const FORBIDDEN = 403;

/**
 * Explains why a shared document does not open: its room closes with a number alone, the file's own route says why.
 */
export const unshownPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:unshown',
  description: 'Explains why a file is not shown, and what can be done instead.',
  autoStart: true,
  requires: [IBackend, ILink, IExtraction, ITranslator],
  activate: (_: JupyterFrontEnd, backend: IBackend, link: ILink, extraction: IExtraction, translator: ITranslator) => {
    const trans = translator.load(DOMAIN);
    const asked = new Set<string>();
    const explain = async (path: string): Promise<void> => {
      try {
        await backend.request(`api/contents/${URLExt.encodeParts(path)}`, { query: { content: '1' } });
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== FORBIDDEN) {
          return;
        }
        // JupyterLab's own dialog knows a path and no reason.
        Dialog.tracker.forEach(dialog => {
          if (dialog.node.textContent.includes(path)) {
            dialog.reject();
          }
        });
        const { button } = await showDialog({
          title: trans.__('“%1” is not shown', PathExt.basename(path)),
          body: error.message,
          buttons: [
            Dialog.cancelButton({ label: trans.__('Close') }),
            Dialog.okButton({ label: trans.__('Request extraction instead') })
          ]
        });
        if (button.accept) {
          await extraction.open([path]);
        }
      }
    };
    link.socketClosed.connect((__, reason) => {
      const path = REFUSED.exec(reason)?.[1];
      if (path === undefined || asked.has(path)) {
        return;
      }
      // The document tries several times.
      asked.add(path);
      void explain(path).finally(() => asked.delete(path));
    });
  }
};
