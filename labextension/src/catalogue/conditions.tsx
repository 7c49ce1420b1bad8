import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Rows } from './facts';
import { IRecord, ITheme, Language } from './types';

interface IConditionsProps {
  record: IRecord;
  usual: string;
  trans: TranslationBundle;
  language: Language;
}

/**
 * How the database is reached, and the four themes of the convention with its steward.
 */
export function Conditions({ record, usual, trans, language }: IConditionsProps): React.JSX.Element {
  const { convention } = record;
  const access = record.sections.find(({ key }) => key === 'access');
  return (
    <>
      {access && (
        <section>
          <h3>{access.label[language]}</h3>
          <Rows rows={access.rows} {...{ usual, trans, language }} />
        </section>
      )}
      <section>
        <h3>{trans.__('Agreement with the data steward')}</h3>
        <p className="hdh-Convention-status">{convention.status}</p>
        <Rows rows={convention.rows} {...{ usual, trans, language }} />
        <div className="hdh-Themes">
          {convention.themes.map(theme => (
            <Theme key={theme.key} theme={theme} {...{ usual, trans, language }} />
          ))}
        </div>
      </section>
    </>
  );
}

interface IThemeProps {
  theme: ITheme;
  usual: string;
  trans: TranslationBundle;
  language: Language;
}

function Theme({ theme, usual, trans, language }: IThemeProps): React.JSX.Element {
  return (
    <section className={`hdh-Theme hdh-mod-${theme.agreed ? 'agreed' : 'open'}`} data-theme={theme.key}>
      <h4>
        {theme.label[language]}
        {!theme.agreed && <span className="hdh-Badge hdh-mod-open">{theme.summary}</span>}
      </h4>
      {theme.agreed && theme.summary && (
        <p className={theme.exclusive_today ? 'hdh-Theme-exclusive' : undefined}>{theme.summary}</p>
      )}
      <Rows rows={theme.rows} {...{ usual, trans, language }} />
      {theme.steps.length > 0 && (
        <ol className="hdh-Steps" aria-label={trans.__('Steps of the procedure')}>
          {theme.steps.map(({ name, delay }, index) => (
            <li key={index}>
              {name}
              {delay && <span className="hdh-Steps-delay">{delay}</span>}
            </li>
          ))}
        </ol>
      )}
      {theme.prices.length > 0 && (
        <table className="hdh-Prices">
          <thead>
            <tr>
              <th scope="col">{trans.__('Who pays')}</th>
              <th scope="col">{trans.__('How much')}</th>
            </tr>
          </thead>
          <tbody>
            {theme.prices.map(({ payer, amount }) => (
              <tr key={payer}>
                <td>{payer}</td>
                <td>{amount}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
