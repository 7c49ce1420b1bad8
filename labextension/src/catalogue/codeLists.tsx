import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ICodeList, Language } from './types';

interface ICodeListsProps {
  lists: readonly ICodeList[];
  trans: TranslationBundle;
  language: Language;
}

/**
 * The codes of a variable, in every version: today's open, the others to be opened.
 */
export function CodeLists({ lists, trans, language }: ICodeListsProps): React.JSX.Element {
  return (
    <>
      {lists.map((list, index) => (
        <details key={index} className="hdh-CodeList" open={lists.length > 1 && list.current}>
          <summary>
            {trans.__('Codes')} {period(list, trans, language)}
            {lists.length > 1 && list.current && <span className="hdh-Badge hdh-mod-granted">{trans.__('today')}</span>}
          </summary>
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
    </>
  );
}

function period(
  { period: words, valid_from, valid_until }: ICodeList,
  trans: TranslationBundle,
  language: Language
): string {
  if (words) {
    return words;
  }
  const day = (iso: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
  if (valid_from && valid_until) {
    return trans.__('from %1 to %2', day(valid_from), day(valid_until));
  }
  if (valid_from) {
    return trans.__('since %1', day(valid_from));
  }
  return valid_until ? trans.__('until %1', day(valid_until)) : '';
}
