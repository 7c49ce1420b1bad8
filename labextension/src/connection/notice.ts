import { Dialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { ILink, Reach } from '../tokens';
import { LostBody, lostTitle } from './body';

/**
 * Shows one dialog while the workspace cannot be reached, which goes by itself when it can.
 */
export class LostNotice {
  constructor(
    private readonly _link: ILink,
    private readonly _trans: TranslationBundle
  ) {
    _link.changed.connect(() => this._update());
  }

  private _update(): void {
    const reach = this._link.reach;
    if (reach === this._shown) {
      return;
    }
    this._shown = reach;
    this._dialog?.reject();
    this._dialog = null;
    if (reach !== 'open' && reach !== 'cut') {
      void this._show(reach);
    }
  }

  private async _show(reach: Reach): Promise<void> {
    const trans = this._trans;
    const dialog = new Dialog({
      title: lostTitle(reach, trans),
      body: new LostBody(this._link, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Stay on this page') }),
        Dialog.okButton({ label: trans.__('Try again') })
      ]
    });
    this._dialog = dialog;
    const result = await dialog.launch();
    if (result.button.accept) {
      this._shown = 'open';
      await this._link.check();
      this._update();
    }
  }

  private _shown: Reach = 'open';
  private _dialog: Dialog<unknown> | null = null;
}
