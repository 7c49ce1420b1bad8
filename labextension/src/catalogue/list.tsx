import { TranslationBundle } from '@jupyterlab/translation';
import React, { KeyboardEvent, useEffect, useRef } from 'react';

import { UsableBadge } from './badge';
import { CatalogueModel } from './model';
import { IItem } from './types';

interface IListProps {
  model: CatalogueModel;
  trans: TranslationBundle;
  /** The record that was open just before: its line gets the focus. */
  lastOpened: string | null;
}

/**
 * The search box with the records that match.
 */
export function RecordList({ model, trans, lastOpened }: IListProps): React.JSX.Element {
  const items = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const line = lastOpened && items.current?.querySelector<HTMLElement>(`[data-record="${CSS.escape(lastOpened)}"]`);
    if (line) {
      line.focus();
    }
  }, [lastOpened]);

  const { results } = model;
  return (
    <>
      <div className="hdh-Catalogue-search" role="search">
        <input
          type="search"
          className="hdh-Input"
          value={model.query}
          maxLength={200}
          placeholder={trans.__('Search: emergency visits, ICD-10…')}
          aria-label={trans.__('Search the catalogue')}
          onChange={event => model.type(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'ArrowDown') {
              event.preventDefault();
              items.current?.querySelector<HTMLElement>('button')?.focus();
            }
          }}
        />
        <label className="hdh-Catalogue-filter">
          <input
            type="checkbox"
            checked={model.onlyUsable}
            onChange={event => void model.filter(event.target.checked)}
          />
          {trans.__('Usable by this project')}
        </label>
      </div>
      <div className="hdh-Catalogue-count" role="status">
        {results && !model.error && trans._n('%1 database', '%1 databases', results.total)}
        {results?.message && !model.error && <p>{results.message}</p>}
      </div>
      {results && !model.error && (
        <ul className="hdh-Catalogue-items" ref={items} aria-label={trans.__('Databases')} aria-busy={model.loading}>
          {results.items.map(item => (
            <li key={item.id}>
              <Line item={item} trans={trans} onOpen={() => void model.open(item)} />
            </li>
          ))}
        </ul>
      )}
      {results && !model.error && results.total === 0 && <Empty model={model} trans={trans} />}
      {results && !model.error && results.items.length < results.total && (
        <button type="button" className="hdh-Button" disabled={model.loading} onClick={() => void model.more()}>
          {trans.__('Show more')}
        </button>
      )}
    </>
  );
}

function Line({
  item,
  trans,
  onOpen
}: {
  item: IItem;
  trans: TranslationBundle;
  onOpen: () => void;
}): React.JSX.Element {
  return (
    <button type="button" className="hdh-Catalogue-item" data-record={item.id} onClick={onOpen} onKeyDown={moveFocus}>
      <span className="hdh-Catalogue-itemHead">
        <span className="hdh-Catalogue-title">{item.title}</span>
        {item.usable.code !== 'not_granted' && <UsableBadge usable={item.usable} trans={trans} />}
      </span>
      {item.long_title && <span className="hdh-Catalogue-longTitle">{item.long_title}</span>}
      <Detail label={trans.__('Steward')} value={item.steward} />
      <Detail label={trans.__('Coverage')} value={item.coverage} />
      <Detail label={trans.__('Access')} value={item.access.label} />
      <Detail label={trans.__('Conditions')} value={item.conditions} />
    </button>
  );
}

function Detail({ label, value }: { label: string; value: string }): React.JSX.Element | null {
  return value ? (
    <span className="hdh-Catalogue-detail">
      <span className="hdh-Catalogue-detailLabel">{label}</span>
      <span className="hdh-Catalogue-detailValue" title={value}>
        {value}
      </span>
    </span>
  ) : null;
}

function Empty({ model, trans }: { model: CatalogueModel; trans: TranslationBundle }): React.JSX.Element {
  return (
    <div className="hdh-Notice">
      <p>
        {model.onlyUsable
          ? trans.__('No database that this project may use matches.')
          : trans.__('No database matches these words.')}
      </p>
      {model.onlyUsable && (
        <button type="button" className="hdh-Button" onClick={() => void model.filter(false)}>
          {trans.__('Search the whole catalogue')}
        </button>
      )}
    </div>
  );
}

/**
 * Let the arrow keys, Home and End go from line to line.
 */
function moveFocus(event: KeyboardEvent<HTMLButtonElement>): void {
  const lines = [...(event.currentTarget.closest('ul')?.querySelectorAll('button') ?? [])];
  const here = lines.indexOf(event.currentTarget);
  const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: lines.length - 1 }[event.key];
  if (there === undefined) {
    return;
  }
  event.preventDefault();
  lines[there]?.focus();
}
