import { TranslationBundle } from '@jupyterlab/translation';
import { caretLeftIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import { UsableBadge } from './badge';
import { InsertCode } from './insertCode';
import { CatalogueModel } from './model';
import { IReadingTargets } from './reading';
import { IRecord, IRow, ISection, IVariable } from './types';

interface IRecordProps {
  model: CatalogueModel;
  targets: IReadingTargets;
  trans: TranslationBundle;
  /** `fr` or `en`: the language of the labels. */
  language: 'fr' | 'en';
}

/**
 * One record: what it says, whether this project may use it, and the code that reads it.
 */
export function RecordView({ model, targets, trans, language }: IRecordProps): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const { opened, record } = model;
  useEffect(() => heading.current?.focus(), [opened?.id]);

  const usable = record?.usable ?? opened?.usable;
  return (
    <article className="hdh-Record" aria-busy={model.loading}>
      <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => model.close()}>
        <caretLeftIcon.react tag="span" className="hdh-Button-icon" />
        {trans.__('Back to the list')}
      </button>
      <h2 className="hdh-Record-title" tabIndex={-1} ref={heading}>
        {opened?.title}
      </h2>
      {opened?.long_title && <p className="hdh-Record-longTitle">{opened.long_title}</p>}
      {usable && (
        <div className={`hdh-Record-usable hdh-mod-${usable.code}`}>
          <UsableBadge usable={usable} trans={trans} />
          <p>{usable.message}</p>
          {record?.usable.code === 'granted' && (
            <InsertCode dataset={record.id} model={model} targets={targets} trans={trans} />
          )}
        </div>
      )}
      {record?.sections.map(section => (
        <SectionView
          key={section.key}
          section={section}
          usual={usualSources(record)}
          trans={trans}
          language={language}
        />
      ))}
      {record && record.variables.length > 0 && <Variables variables={record.variables} trans={trans} />}
      {record && record.sources.length > 0 && <Sources record={record} trans={trans} />}
    </article>
  );
}

/**
 * Return the sources that most facts of a record rest on, joined.
 */
function usualSources(record: IRecord): string {
  const counts = new Map<string, number>();
  for (const row of record.sections.flatMap(section => section.rows)) {
    const sources = row.sources?.join() ?? '';
    counts.set(sources, (counts.get(sources) ?? 0) + 1);
  }
  return [...counts].reduce<[string, number]>((most, next) => (next[1] > most[1] ? next : most), ['', 0])[0];
}

interface ISectionProps {
  section: ISection;
  /** The sources of most facts, which go without a mark. */
  usual: string;
  trans: TranslationBundle;
  language: 'fr' | 'en';
}

function SectionView({ section, usual, trans, language }: ISectionProps): React.JSX.Element | null {
  if (section.rows.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>{section.label[language]}</h3>
      <dl className="hdh-Facts">
        {section.rows.map((row, index) => (
          <div key={index}>
            <dt>{row.label[language]}</dt>
            <dd>
              <Value row={row} />
              {row.sources && row.sources.length > 0 && row.sources.join() !== usual && (
                <span className="hdh-Facts-sources" aria-label={trans.__('Sources: %1', row.sources.join(', '))}>
                  {row.sources.join(' ')}
                </span>
              )}
              {row.note && <p className="hdh-Facts-note">{row.note}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/**
 * A value; what nobody has attested or agreed yet stands out. The server's text says so in words, too.
 */
function Value({ row }: { row: IRow }): React.JSX.Element {
  if (row.agreed === false) {
    return <span className="hdh-Badge hdh-mod-open">{row.value}</span>;
  }
  return <span className={row.to_confirm ? 'hdh-Facts-toConfirm' : undefined}>{row.value}</span>;
}

function Variables({ variables, trans }: { variables: IVariable[]; trans: TranslationBundle }): React.JSX.Element {
  return (
    <section>
      <h3>{trans._n('%1 variable', '%1 variables', variables.length)}</h3>
      <ul className="hdh-Variables">
        {variables.map(variable => (
          <li key={variable.name}>
            <code>{variable.name}</code> <span className="hdh-Variables-type">{variable.type}</span>
            {variable.label && <p>{variable.label}</p>}
            {variable.code_lists.map((list, index) => (
              <details key={index}>
                <summary>{list.period ? trans.__('Codes (%1)', list.period) : trans.__('Codes')}</summary>
                <dl className="hdh-Codes">
                  {list.codes.map(({ code, label }) => (
                    <div key={code}>
                      <dt>{code}</dt>
                      <dd>{label}</dd>
                    </div>
                  ))}
                </dl>
              </details>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sources({ record, trans }: { record: IRecord; trans: TranslationBundle }): React.JSX.Element {
  return (
    <section>
      <h3>{trans.__('Sources')}</h3>
      <dl className="hdh-Codes">
        {record.sources.map(source => (
          <div key={source.id}>
            <dt>{source.id}</dt>
            <dd>
              {source.reference}
              {source.licence && ` (${source.licence})`}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
