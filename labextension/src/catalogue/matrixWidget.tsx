import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import React from 'react';

import { catalogueIcon } from '../icons';
import { MatrixModel } from './matrixModel';
import { MatrixView } from './matrixView';
import { CatalogueModel } from './model';

/**
 * The matrix of topics by databases, in the main area.
 */
export class MatrixWidget extends ReactWidget {
  /**
   * @param onSearch - Shows the panel, whose search the matrix changes.
   */
  constructor(
    private readonly _model: MatrixModel,
    private readonly _catalogue: CatalogueModel,
    private readonly _trans: TranslationBundle,
    private readonly _onSearch: () => void
  ) {
    super();
    this.id = 'hdh-catalogue-matrix';
    this.addClass('hdh-CatalogueMain');
    this.title.icon = catalogueIcon;
    this.title.label = _trans.__('Topics by databases');
    this.title.closable = true;
    void _model.load();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  protected override render(): React.JSX.Element {
    const search = (work: Promise<void>) => {
      this._onSearch();
      void work;
    };
    return (
      <UseSignal signal={this._model.changed}>
        {() => (
          <MatrixView
            model={this._model}
            trans={this._trans}
            onCell={(topic, dataset) => search(this._catalogue.lookFor(topic, [dataset]))}
            onTopic={topic => search(this._catalogue.lookFor(topic, []))}
            onDataset={({ id, title }) => search(this._catalogue.open(id, title))}
          />
        )}
      </UseSignal>
    );
  }
}
