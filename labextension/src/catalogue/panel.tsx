import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import React from 'react';

import { catalogueIcon } from '../icons';
import { Problem } from '../problem';
import { BasketView } from './basketView';
import { ResultList } from './list';
import { CatalogueModel } from './model';
import { NotebookUse } from './notebookUse';
import { IReadingTargets } from './reading';
import { RecordModel } from './recordModel';
import { RecordView } from './recordView';
import { Language } from './types';

/**
 * What the panel opens in the main area.
 */
export interface IMainArea {
  showMatrix(): void;
  showRecord(record: RecordModel): void;
}

/**
 * The catalogue in the left area: the search, a record or the basket.
 */
export class CataloguePanel extends ReactWidget {
  constructor(
    readonly model: CatalogueModel,
    private readonly _use: NotebookUse,
    private readonly _targets: IReadingTargets,
    private readonly _main: IMainArea,
    private readonly _trans: TranslationBundle,
    private readonly _language: Language
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
    this._use.dispose();
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

  protected override onAfterHide(): void {
    this._use.watched = false;
  }

  protected override onActivateRequest(): void {
    this.node.querySelector<HTMLElement>('input[type="search"], h2')?.focus();
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this.model.changed}>{() => this._content()}</UseSignal>;
  }

  /** The list loads the first time that the panel shows: a workspace's start does not wait for it. */
  private _loadWhenVisible(): void {
    if (!this.isVisible) {
      return;
    }
    this._use.watched = true;
    if (!this.model.results && !this.model.loading) {
      void this.model.search();
    }
  }

  private _content(): React.JSX.Element {
    const { model, _trans: trans, _language: language } = this;
    const { opened } = model;
    if (opened) {
      this._lastOpened = opened.id;
      return (
        <RecordView
          model={opened}
          basket={model.basket}
          targets={this._targets}
          trans={trans}
          language={language}
          onOpen={id => void model.open(id, id)}
          onBasket={() => void model.showBasket()}
          onBack={() => model.close()}
          onWiden={() =>
            this._main.showRecord(model.record(opened.id, opened.record?.title ?? opened.title, { tab: opened.tab }))
          }
        />
      );
    }
    if (model.basketOpen) {
      return (
        <BasketView
          model={model.basket}
          trans={trans}
          language={language}
          onBack={() => model.close()}
          onOpen={id => void model.open(id, id)}
        />
      );
    }
    return (
      <>
        {this._head()}
        <ResultList model={model} use={this._use} trans={trans} lastOpened={this._lastOpened} />
        {model.loading && !model.results && (
          <p className="hdh-Loading" role="status">
            {trans.__('Loading…')}
          </p>
        )}
        {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.search()} />}
      </>
    );
  }

  private _head(): React.JSX.Element {
    const { model, _trans: trans } = this;
    const wanted = model.basket.wanted.length;
    return (
      <div className="hdh-Catalogue-head">
        <h2 className="hdh-Catalogue-heading">{trans.__('Health databases')}</h2>
        <div className="hdh-Catalogue-views">
          <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => this._main.showMatrix()}>
            {trans.__('By topic')}
          </button>
          <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => void model.showBasket()}>
            {wanted > 0 ? trans.__('Requests (%1)', wanted) : trans.__('Requests')}
          </button>
        </div>
      </div>
    );
  }

  private _lastOpened: string | null = null;
}
