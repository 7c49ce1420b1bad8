import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { ApiError } from '../api';
import { dragFrom } from './dragged';
import { RecordModel } from './recordModel';
import { IReadingTargets, ITarget } from './reading';
import { SnippetLanguage } from './types';

interface IInsertCodeProps {
  model: RecordModel;
  targets: IReadingTargets;
  trans: TranslationBundle;
}

/**
 * Inserts the code that reads a dataset, or the variables chosen, in the active notebook or in a new one.
 */
export function InsertCode({ model, targets, trans }: IInsertCodeProps): React.JSX.Element {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState('');
  const chosen = [...model.chosen];

  const insert = async (target: ITarget, language: SnippetLanguage) => {
    setBusy(true);
    setOutcome('');
    try {
      await target.insert(await model.snippet(language, chosen));
      setOutcome(trans.__('The code is in the notebook.'));
    } catch (error) {
      setOutcome(error instanceof ApiError ? error.message : trans.__('The code could not be inserted.'));
    } finally {
      setBusy(false);
    }
  };
  const drag = (event: React.MouseEvent) =>
    dragFrom(event, async () => {
      try {
        const code = await model.snippet(targets.language(), chosen);
        return { title: model.title, cell: code, text: code.trimEnd() };
      } catch (error) {
        setOutcome(error instanceof ApiError ? error.message : trans.__('The code could not be inserted.'));
        throw error;
      }
    });

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
                  title={trans.__('Insert it below the active cell, or drag it into the notebook')}
                  onMouseDown={drag}
                  onClick={() => void insert(active, language)}
                >
                  {chosen.length > 0
                    ? trans._n('Insert code for %1 variable', 'Insert code for %1 variables', chosen.length)
                    : trans.__('Insert code')}
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
            {chosen.length > 0 && (
              <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => model.clearChosen()}>
                {trans.__('Read all variables')}
              </button>
            )}
            <p role="status">{outcome}</p>
          </div>
        );
      }}
    </UseSignal>
  );
}
