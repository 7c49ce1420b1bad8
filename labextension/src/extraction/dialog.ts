import { Dialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { IPerson } from '../tokens';
import { ExtractionBody } from './body';
import { ExtractionModel } from './model';

/**
 * The dialog of a request to take files out. Its buttons change with the request, so that they are in its body.
 */
export class ExtractionDialog extends Dialog<void> {
  constructor(
    readonly model: ExtractionModel,
    role: IPerson['role'],
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Request extraction'),
      body: new ExtractionBody(model, role, trans, () => this.reject()),
      buttons: [],
      focusNodeSelector: 'input[type="text"]'
    });
    this.addClass('hdh-ExtractionDialog');
    this.node.setAttribute('aria-label', trans.__('Request extraction'));
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  /**
   * Leave keys and the context menu to the form, where Enter submits and the address can be copied; Escape closes.
   */
  override handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent && event.type === 'keydown') {
      if (event.key === 'Tab') {
        this._keepFocus(event);
        return;
      }
      if (event.key !== 'Escape') {
        return;
      }
    }
    if (event.type === 'contextmenu') {
      event.stopPropagation();
      return;
    }
    super.handleEvent(event);
  }

  /** From the last control on to the first, and back. */
  private _keepFocus(event: KeyboardEvent): void {
    const controls = this.node.querySelectorAll<HTMLElement>('button:enabled, input:enabled, a[href], summary');
    const [leaving, entering] = event.shiftKey
      ? [controls[0], controls[controls.length - 1]]
      : [controls[controls.length - 1], controls[0]];
    if (document.activeElement === leaving) {
      event.preventDefault();
      event.stopPropagation();
      entering?.focus();
    }
  }
}
