import { TranslationBundle } from '@jupyterlab/translation';
import React, { KeyboardEvent } from 'react';

import { UsableBadge } from './badge';
import { IItem, IVariableItem } from './types';

interface ILineProps<T> {
  item: T;
  trans: TranslationBundle;
  onOpen: () => void;
}

/**
 * A database in the list of results.
 */
export function DatasetLine({ item, trans, onOpen }: ILineProps<IItem>): React.JSX.Element {
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

/**
 * A variable in the list of results, with all the tables that have it.
 */
export function VariableLine({ item, trans, onOpen }: ILineProps<IVariableItem>): React.JSX.Element {
  const where =
    item.table_count === 1 ? (item.tables[0] ?? '') : trans._n('in %1 table', 'in %1 tables', item.table_count);
  return (
    <button
      type="button"
      className="hdh-Catalogue-item hdh-mod-variable"
      data-variable={`${item.dataset}/${item.name}`}
      onClick={onOpen}
      onKeyDown={moveFocus}
    >
      <span className="hdh-Catalogue-itemHead">
        <code className="hdh-Catalogue-code">{item.name}</code>
        <span className="hdh-Catalogue-kind">{trans.__('variable')}</span>
      </span>
      {item.label && <span className="hdh-Catalogue-label">{item.label}</span>}
      <span className="hdh-Catalogue-where" title={item.tables.join(', ')}>
        {[item.dataset_title, where, item.years].filter(Boolean).join(' · ')}
      </span>
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
