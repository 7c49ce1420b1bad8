import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Gauge } from '../gauge';
import { CitationView } from './citationView';
import { Conditions } from './conditions';
import { Rows, usualSources } from './facts';
import { RecordModel, Tab } from './recordModel';
import { Tabs } from './tabs';
import { IRecord, Language } from './types';
import { Variables } from './variables';
import { YearsChart } from './yearsChart';

interface IRecordProps {
  model: RecordModel;
  trans: TranslationBundle;
  language: Language;
  /** Opens another record. */
  onOpen: (id: string) => void;
}

/**
 * What a record says, in four tabs.
 */
export function RecordTabs({ model, trans, language, onOpen }: IRecordProps): React.JSX.Element | null {
  const { record, tab } = model;
  if (!record) {
    return null;
  }
  const id = `hdh-record-${record.id}`;
  const tabs: [Tab, string][] = [
    ['facts', trans.__('Record')],
    ['conditions', trans.__('Conditions')],
    ['variables', trans.__('Variables')],
    ['citation', trans.__('Citing')]
  ];
  const usual = usualSources([
    ...record.sections.flatMap(section => section.rows),
    ...record.convention.themes.flatMap(theme => theme.rows)
  ]);
  return (
    <>
      <Tabs id={id} label={record.title} tabs={tabs} current={tab} onShow={next => model.show(next)} />
      <div id={`${id}-panel`} className="hdh-TabPanel" role="tabpanel" aria-labelledby={`${id}-tab-${tab}`}>
        {tab === 'facts' && <Facts record={record} {...{ usual, trans, language, onOpen }} />}
        {tab === 'conditions' && <Conditions record={record} {...{ usual, trans, language }} />}
        {tab === 'variables' && <Variables {...{ model, trans, language }} />}
        {tab === 'citation' && <CitationView record={record} trans={trans} />}
      </div>
    </>
  );
}

interface IFactsProps {
  record: IRecord;
  usual: string;
  trans: TranslationBundle;
  language: Language;
  onOpen: (id: string) => void;
}

function Facts({ record, usual, trans, language, onOpen }: IFactsProps): React.JSX.Element {
  const { completeness, years, links } = record;
  const percent = Math.floor(completeness.share * 100);
  return (
    <>
      {years && (
        <section>
          <h3>{trans.__('Years covered')}</h3>
          <YearsChart years={years} trans={trans} />
        </section>
      )}
      {record.sections
        .filter(({ key, rows }) => key !== 'access' && rows.length > 0)
        .map(section => (
          <section key={section.key}>
            <h3>{section.label[language]}</h3>
            <Rows rows={section.rows} {...{ usual, trans, language }} />
          </section>
        ))}
      {links.length > 0 && (
        <section>
          <h3>{trans.__('Related databases')}</h3>
          <ul className="hdh-Links">
            {links.map(({ label, target, note }, index) => (
              <li key={index}>
                {label[language]}{' '}
                {target.includes(':') ? (
                  target
                ) : (
                  <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => onOpen(target)}>
                    {target}
                  </button>
                )}
                {note && <p className="hdh-Rows-note">{note}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>{trans.__('Completeness of the record')}</h3>
        <p className="hdh-Completeness">
          <Gauge share={completeness.share} label={trans.__('Completeness of the record')} /> {percent} %
        </p>
        {completeness.missing.length > 0 && (
          <p className="hdh-Rows-note">{trans.__('Not known yet: %1', completeness.missing.join(', '))}</p>
        )}
      </section>
      {record.sources.length > 0 && (
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
      )}
    </>
  );
}
