import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IRow, Language } from './types';

interface IRowsProps {
  rows: readonly IRow[];
  /** The sources of most facts, which go without a mark. */
  usual: string;
  trans: TranslationBundle;
  language: Language;
}

/**
 * Facts with their labels; what nobody has attested stands out, and the server's text says so in words, too.
 */
export function Rows({ rows, usual, trans, language }: IRowsProps): React.JSX.Element | null {
  if (rows.length === 0) {
    return null;
  }
  return (
    <dl className="hdh-Rows">
      {rows.map((row, index) => (
        <div key={index}>
          <dt>{row.label[language]}</dt>
          <dd>
            <span className={row.to_confirm ? 'hdh-Rows-toConfirm' : undefined}>{row.value}</span>
            {row.sources && row.sources.length > 0 && row.sources.join() !== usual && (
              <span
                className="hdh-Rows-sources"
                role="note"
                aria-label={trans.__('Sources: %1', row.sources.join(', '))}
              >
                {row.sources.join(' ')}
              </span>
            )}
            {row.note && <p className="hdh-Rows-note">{row.note}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/**
 * Return the sources that most facts rest on, joined.
 */
export function usualSources(rows: readonly IRow[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const sources = row.sources?.join() ?? '';
    counts.set(sources, (counts.get(sources) ?? 0) + 1);
  }
  return [...counts].reduce<[string, number]>((most, next) => (next[1] > most[1] ? next : most), ['', 0])[0];
}
