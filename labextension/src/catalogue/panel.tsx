import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import React from 'react';

import { catalogueIcon } from '../icons';
import { Problem } from '../problem';
import { RecordList } from './list';
import { CatalogueModel } from './model';
import { IReadingTargets } from './reading';
import { RecordView } from './record';

/**
 * The catalogue in the left area.
 */
export class CataloguePanel extends ReactWidget {
  constructor(
    readonly model: CatalogueModel,
    private readonly _targets: IReadingTargets,
    private readonly _trans: TranslationBundle,
    private readonly _language: 'fr' | 'en'
  ) {
    super();
    this.id = 'hdh-catalogue';
    this.addClass('hdh-Catalogue');
    this.title.icon = catalogueIcon;
    this.title.caption = _trans.__('Catalogue of health databases');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._loadWhenVisible();
  }

  protected override onAfterShow(): void {
    this._loadWhenVisible();
  }

  protected override onActivateRequest(): void {
    this.node.querySelector<HTMLElement>('input[type="search"], h2')?.focus();
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this.model.changed}>{() => this._content()}</UseSignal>;
  }

  /** The list loads the first time that the panel shows: a workspace's start does not wait for it. */
  private _loadWhenVisible(): void {
    if (this.isVisible && !this.model.results && !this.model.loading) {
      void this.model.search();
    }
  }

  private _content(): React.JSX.Element {
    const { model, _trans: trans } = this;
    const opened = model.opened;
    const content = (
      <>
        {!opened && <h2 className="hdh-Catalogue-heading">{trans.__('Health databases')}</h2>}
        {opened ? (
          <RecordView model={model} targets={this._targets} trans={trans} language={this._language} />
        ) : (
          <RecordList model={model} trans={trans} lastOpened={this._lastOpened} />
        )}
        {model.loading && (opened || !model.results) && (
          <p className="hdh-Loading" role="status">
            {trans.__('Loading…')}
          </p>
        )}
        {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.retry()} />}
      </>
    );
    this._lastOpened = opened?.id ?? this._lastOpened;
    return content;
  }

  private _lastOpened: string | null = null;
}
