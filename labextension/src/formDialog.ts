import { Dialog } from '@jupyterlab/apputils';

/**
 * A dialog whose fields take Enter and the context menu for themselves; Escape closes it.
 */
export class FormDialog extends Dialog<unknown> {
  override handleEvent(event: Event): void {
    const inBody = event.target instanceof Element && event.target.closest('.jp-Dialog-body') !== null;
    if (inBody && event instanceof KeyboardEvent && event.key === 'Enter') {
      return;
    }
    if (event.type === 'contextmenu') {
      event.stopPropagation();
      return;
    }
    super.handleEvent(event);
  }
}
