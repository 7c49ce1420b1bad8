import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { ApiError } from '../api';
import { CatalogueModel } from './model';
import { IReadingTargets, ITarget } from './reading';
import { SnippetLanguage } from './types';

interface IInsertCodeProps {
  dataset: string;
  model: CatalogueModel;
  targets: IReadingTargets;
  trans: TranslationBundle;
}

/**
 * Inserts the code that reads a dataset in the active notebook, or in a new one when none is open.
 */
export function InsertCode({ dataset, model, targets, trans }: IInsertCodeProps): React.JSX.Element {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState('');

  const insert = async (target: ITarget, language: SnippetLanguage) => {
    setBusy(true);
    setOutcome('');
    try {
      await target.insert(await model.snippet(dataset, language));
      setOutcome(trans.__('The code is in the notebook.'));
    } catch (error) {
      setOutcome(error instanceof ApiError ? error.message : trans.__('The code could not be inserted.'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <UseSignal signal={targets.changed}>
      {() => {
        const active = targets.active();
        const { language } = active ?? {};
        return (
          <div className="hdh-InsertCode">
            {active && language && (
              <>
                <button
                  type="button"
                  className="hdh-Button hdh-mod-accept"
                  disabled={busy}
                  onClick={() => void insert(active, language)}
                >
                  {trans.__('Insert code')}
                </button>
                <span className="hdh-InsertCode-where">{trans.__('in %1', active.name)}</span>
              </>
            )}
            {!(active && language) && (
              <>
                <p>
                  {active
                    ? trans.__('There is no reading code in the language of this notebook. Start a new one:')
                    : trans.__('No notebook is open. Start one with the code that reads this database:')}
                </p>
                {targets.fresh().map(target => (
                  <button
                    type="button"
                    key={target.name}
                    className="hdh-Button"
                    disabled={busy}
                    onClick={() => target.language && void insert(target, target.language)}
                  >
                    {target.name}
                  </button>
                ))}
              </>
            )}
            <p role="status">{outcome}</p>
          </div>
        );
      }}
    </UseSignal>
  );
}
