import { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { IRecord } from './types';

interface ICitationProps {
  record: IRecord;
  trans: TranslationBundle;
}

/**
 * How to cite the database: in words and as BibTeX, to be copied as far as the platform lets text be copied.
 */
export function CitationView({ record, trans }: ICitationProps): React.JSX.Element {
  const [said, setSaid] = useState('');
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    setSaid(trans.__('Copied.'));
  };
  return (
    <>
      <section>
        <h3>{trans.__('Citation')}</h3>
        <blockquote className="hdh-Citation">{record.citation.text}</blockquote>
        <button type="button" className="hdh-Button" onClick={() => void copy(record.citation.text)}>
          <copyIcon.react tag="span" className="hdh-Button-icon" />
          {trans.__('Copy the citation')}
        </button>
      </section>
      <section>
        <h3>BibTeX</h3>
        {/* Text that scrolls must be reachable by the keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre className="hdh-BibTeX" tabIndex={0} role="region" aria-label="BibTeX">
          {record.citation.bibtex}
        </pre>
        <button type="button" className="hdh-Button" onClick={() => void copy(record.citation.bibtex)}>
          <copyIcon.react tag="span" className="hdh-Button-icon" />
          {trans.__('Copy BibTeX')}
        </button>
        <p role="status">{said}</p>
      </section>
    </>
  );
}
