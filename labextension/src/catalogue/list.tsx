import { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import { Chips } from './chips';
import { Facets } from './facets';
import { DatasetLine, VariableLine } from './line';
import { CatalogueModel, RESULT, USABLE } from './model';
import { NotebookUse } from './notebookUse';
import { SearchBox } from './searchBox';
import { UsedHere } from './usedHere';

interface IListProps {
  model: CatalogueModel;
  use: NotebookUse;
  trans: TranslationBundle;
  /** The record that was open just before: its line gets the focus. */
  lastOpened: string | null;
}

/**
 * The search box, the conditions, and the databases and variables that match.
 */
export function ResultList({ model, use, trans, lastOpened }: IListProps): React.JSX.Element {
  const items = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const line = lastOpened && items.current?.querySelector<HTMLElement>(`[data-record="${CSS.escape(lastOpened)}"]`);
    if (line) {
      line.focus();
    }
  }, [lastOpened]);

  const results = model.error ? null : model.results;
  const usable = model.results?.facets[USABLE]?.find(({ value }) => value === 'true');
  return (
    <>
      <div className="hdh-Catalogue-search" role="search">
        <SearchBox
          model={model}
          trans={trans}
          onLeave={() => items.current?.querySelector<HTMLElement>('button')?.focus()}
        />
        <label className="hdh-Catalogue-filter">
          <input
            type="checkbox"
            checked={model.onlyUsable}
            onChange={event =>
              void model.limit(
                { facet: USABLE, value: 'true', label: usable?.label ?? trans.__('Usable by this project') },
                event.target.checked
              )
            }
          />
          {trans.__('Usable by this project')}
          {usable && <span className="hdh-Facet-count">{usable.count}</span>}
        </label>
        <Chips model={model} trans={trans} />
      </div>
      <Facets model={model} trans={trans} />
      {model.query.trim() === '' && !model.isLimited && <UsedHere model={model} use={use} trans={trans} />}
      <div className="hdh-Catalogue-count" role="status">
        {results && <Total model={model} trans={trans} />}
        {results?.message && <p className="hdh-Catalogue-message">{results.message}</p>}
      </div>
      {results && <Kinds model={model} trans={trans} />}
      {results && (
        <ul className="hdh-Catalogue-items" ref={items} aria-label={trans.__('Results')} aria-busy={model.loading}>
          {results.items.map(item =>
            item.kind === 'dataset' ? (
              <li key={item.id}>
                <DatasetLine item={item} trans={trans} onOpen={() => void model.open(item.id, item.title)} />
              </li>
            ) : (
              <li key={`${item.dataset}/${item.name}`}>
                <VariableLine
                  item={item}
                  trans={trans}
                  onOpen={() =>
                    void model.open(item.dataset, item.dataset_title, {
                      tab: 'variables',
                      table: item.tables[0],
                      variable: item.name
                    })
                  }
                />
              </li>
            )
          )}
        </ul>
      )}
      {results?.total === 0 && <Empty model={model} trans={trans} />}
      {results && results.items.length < results.total && (
        <button type="button" className="hdh-Button" disabled={model.loading} onClick={() => void model.more()}>
          {trans.__('Show more')}
        </button>
      )}
    </>
  );
}

interface IPartProps {
  model: CatalogueModel;
  trans: TranslationBundle;
}

function Total({ model, trans }: IPartProps): React.JSX.Element {
  const { total = 0, items = [] } = model.results ?? {};
  const alone = items.every(({ kind }) => kind === 'dataset');
  return <>{alone ? trans._n('%1 database', '%1 databases', total) : trans._n('%1 result', '%1 results', total)}</>;
}

/**
 * Databases, variables or both, with how many there are of each.
 */
function Kinds({ model, trans }: IPartProps): React.JSX.Element | null {
  const counts = model.results?.facets[RESULT] ?? [];
  const chosen = model.conditions.find(({ facet }) => facet === RESULT);
  if (model.query.trim() === '' || (counts.length < 2 && !chosen)) {
    return null;
  }
  return (
    <div className="hdh-Kinds" role="group" aria-label={trans.__('What to show')}>
      <button type="button" aria-pressed={!chosen} onClick={() => void model.limitKind(null)}>
        {trans.__('All')}
      </button>
      {counts.map(({ value, label, count }) => (
        <button
          type="button"
          key={value}
          aria-pressed={chosen?.value === value}
          onClick={() => void model.limitKind({ facet: RESULT, value, label })}
        >
          {label} <span className="hdh-Facet-count">{count}</span>
        </button>
      ))}
    </div>
  );
}

function Empty({ model, trans }: IPartProps): React.JSX.Element {
  return (
    <div className="hdh-Notice">
      <p>
        {model.onlyUsable
          ? trans.__('Nothing that this project may use matches.')
          : model.isLimited
            ? trans.__('Nothing matches these words and conditions.')
            : trans.__('Nothing matches these words. Try fewer of them, or a code such as BEN_SEX_COD.')}
      </p>
      {model.isLimited && (
        <button type="button" className="hdh-Button" onClick={() => void model.clearConditions()}>
          {trans.__('Search the whole catalogue')}
        </button>
      )}
    </div>
  );
}
