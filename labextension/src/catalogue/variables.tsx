import { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import { CodeLists } from './codeLists';
import { dragFrom } from './dragged';
import { RecordModel } from './recordModel';
import { ITableLine, IVariable, Language } from './types';

interface IVariablesProps {
  model: RecordModel;
  trans: TranslationBundle;
  language: Language;
}

/**
 * The tables of a record; a table that is opened shows its variables.
 */
export function Variables({ model, trans, language }: IVariablesProps): React.JSX.Element | null {
  const { record } = model;
  if (!record) {
    return null;
  }
  if (record.tables.length === 0) {
    const groups = record.sections.flatMap(({ rows }) => rows).find(({ key }) => key === 'field.variable_groups');
    return (
      <div className="hdh-Notice">
        <p>{trans.__('The variables of this database are not described yet.')}</p>
        {groups && (
          <p>
            {groups.label[language]} : {groups.value}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="hdh-Tables">
      {record.tables.map(table => (
        <TableView key={table.name} table={table} {...{ model, trans, language }} />
      ))}
    </div>
  );
}

interface ITableProps extends IVariablesProps {
  table: ITableLine;
}

function TableView({ table, model, trans, language }: ITableProps): React.JSX.Element {
  const open = model.openTables.has(table.name);
  const loaded = model.tables.get(table.name);
  return (
    <details
      className="hdh-Table"
      open={open}
      onToggle={event => void model.toggle(table.name, event.currentTarget.open)}
    >
      <summary>
        <code>{table.name}</code>
        {table.title && table.title !== table.name && <span> {table.title}</span>}
        <span className="hdh-Facet-count">{trans._n('%1 variable', '%1 variables', table.variables)}</span>
      </summary>
      {table.description && <p className="hdh-Table-description">{table.description}</p>}
      {table.foreign_keys.map((key, index) => (
        <p key={index} className="hdh-Table-key">
          {trans.__('%1 points to %2 of %3', key.variables.join(', '), key.targets.join(', '), key.table)}
        </p>
      ))}
      {open && !loaded && model.loading && <p className="hdh-Loading">{trans.__('Loading…')}</p>}
      {open && loaded && (
        <ul className="hdh-Variables">
          {loaded.variables.map(variable => (
            <VariableView
              key={variable.name}
              variable={variable}
              isKey={table.primary_key.includes(variable.name)}
              {...{ model, trans, language }}
            />
          ))}
        </ul>
      )}
      {open && loaded && loaded.variables.length < loaded.total && (
        <button
          type="button"
          className="hdh-Button"
          disabled={model.loading}
          onClick={() => void model.more(table.name)}
        >
          {trans.__('Show more')}
        </button>
      )}
    </details>
  );
}

interface IVariableProps extends IVariablesProps {
  variable: IVariable;
  isKey: boolean;
}

function VariableView({ variable, isKey, model, trans, language }: IVariableProps): React.JSX.Element {
  const line = useRef<HTMLLIElement>(null);
  const sought = model.place.variable === variable.name;
  useEffect(() => {
    if (sought) {
      line.current?.scrollIntoView({ block: 'center' });
    }
  }, [sought]);

  const granted = model.record?.usable.code === 'granted';
  const drag = (event: React.MouseEvent) =>
    dragFrom(event, () => {
      const names = model.chosen.has(variable.name) ? [...model.chosen] : [variable.name];
      return Promise.resolve({
        title: names.join(', '),
        cell: null,
        text: names.map(name => JSON.stringify(name)).join(', ')
      });
    });
  return (
    <li ref={line} className={sought ? 'hdh-mod-sought' : undefined} data-variable={variable.name}>
      <div className="hdh-Variables-head">
        {granted && (
          <input
            type="checkbox"
            aria-label={trans.__('Choose %1', variable.name)}
            checked={model.chosen.has(variable.name)}
            onChange={event => model.choose(variable.name, event.target.checked)}
          />
        )}
        {/* The keyboard has the button that inserts what is chosen. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <code className="hdh-mod-draggable" onMouseDown={drag} title={trans.__('Drag it into a cell')}>
          {variable.name}
        </code>
        <span className="hdh-Variables-type">
          {[variable.type, variable.length, variable.unit, years(variable, trans)].filter(Boolean).join(' · ')}
        </span>
        {isKey && <span className="hdh-Badge hdh-mod-info">{trans.__('key')}</span>}
        {variable.restricted && <span className="hdh-Badge hdh-mod-review">{trans.__('restricted')}</span>}
      </div>
      {variable.label && <p>{variable.label}</p>}
      {variable.description && variable.description !== variable.label && <p>{variable.description}</p>}
      {variable.rule && <p className="hdh-Variables-type">{variable.rule}</p>}
      {variable.observation && <p className="hdh-Variables-type">{variable.observation}</p>}
      {variable.nomenclature && (
        <p className="hdh-Variables-type">{trans.__('Code list: %1', variable.nomenclature)}</p>
      )}
      <CodeLists lists={variable.code_lists} trans={trans} language={language} />
    </li>
  );
}

function years({ first_year, last_year, missing_years }: IVariable, trans: TranslationBundle): string {
  if (first_year === null && last_year === null) {
    return '';
  }
  const span =
    last_year === null
      ? trans.__('since %1', first_year ?? '')
      : first_year === null
        ? trans.__('until %1', last_year)
        : `${first_year}–${last_year}`;
  return missing_years.length > 0 ? `${span} (${trans.__('without %1', missing_years.join(', '))})` : span;
}
