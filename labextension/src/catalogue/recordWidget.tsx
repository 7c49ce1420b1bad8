import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import React from 'react';

import { catalogueIcon } from '../icons';
import { CatalogueModel } from './model';
import { IReadingTargets } from './reading';
import { RecordModel } from './recordModel';
import { RecordView } from './recordView';
import { Language } from './types';

/**
 * A record in a tab of the main area, where it has room.
 */
export class RecordWidget extends ReactWidget {
  /**
   * @param onPanel - Shows the panel, where the basket and other records are.
   */
  constructor(
    private readonly _model: RecordModel,
    private readonly _catalogue: CatalogueModel,
    private readonly _targets: IReadingTargets,
    private readonly _trans: TranslationBundle,
    private readonly _language: Language,
    private readonly _onPanel: () => void
  ) {
    super();
    this.id = `hdh-catalogue-record-${_model.id}`;
    this.addClass('hdh-CatalogueMain');
    this.title.icon = catalogueIcon;
    this.title.label = _model.title;
    this.title.closable = true;
    void _model.load();
  }

  override dispose(): void {
    this._model.dispose();
    super.dispose();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): React.JSX.Element {
    const { _catalogue: catalogue } = this;
    const view = () => (
      <RecordView
        model={this._model}
        basket={catalogue.basket}
        targets={this._targets}
        trans={this._trans}
        language={this._language}
        onOpen={id => {
          this._onPanel();
          void catalogue.open(id, id);
        }}
        onBasket={() => {
          this._onPanel();
          void catalogue.showBasket();
        }}
      />
    );
    return (
      <UseSignal signal={this._model.changed}>
        {() => <UseSignal signal={catalogue.basket.changed}>{view}</UseSignal>}
      </UseSignal>
    );
  }
}
