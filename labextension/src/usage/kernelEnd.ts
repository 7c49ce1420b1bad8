import { Dialog } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

/**
 * Close JupyterLab's own dialog on a kernel that died, which does not know why; return whether there was one.
 */
export function closeBareDialog(translator: ITranslator): boolean {
  const title = translator.load('jupyterlab').gettext('Kernel Restarting');
  let found = false;
  Dialog.tracker.forEach(dialog => {
    if (dialog.node.querySelector('.jp-Dialog-header')?.textContent === title) {
      found = true;
      dialog.reject();
    }
  });
  return found;
}
