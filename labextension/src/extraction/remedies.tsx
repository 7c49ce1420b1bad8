import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useState } from 'react';

import { Problem } from '../problem';
import { ExtractionModel } from './model';
import { Protection } from './protection';
import { IProposal } from './types';

interface IRemediesProps {
  model: ExtractionModel;
  path: string;
  trans: TranslationBundle;
}

/**
 * Offers to protect a file's tables: what each way does and costs, and a copy made in the way that is chosen.
 */
export function Remedies({ model, path, trans }: IRemediesProps): React.JSX.Element {
  const [protection, setProtection] = useState<Protection | null>(null);
  useEffect(() => () => protection?.dispose(), [protection]);
  if (!protection) {
    return (
      <div className="hdh-Remedies">
        <button
          type="button"
          className="hdh-Button"
          disabled={model.phase === 'preparing'}
          onClick={() => {
            const started = model.protection(path);
            setProtection(started);
            void started.look();
          }}
        >
          {trans.__('Protect this table…')}
        </button>
      </div>
    );
  }
  return (
    <UseSignal signal={protection.changed}>
      {() => <Ways model={model} protection={protection} trans={trans} onClose={() => setProtection(null)} />}
    </UseSignal>
  );
}

interface IWaysProps {
  model: ExtractionModel;
  protection: Protection;
  trans: TranslationBundle;
  onClose: () => void;
}

function Ways({ model, protection, trans, onClose }: IWaysProps): React.JSX.Element {
  const [chosen, setChosen] = useState<IProposal | null>(null);
  const group = useId();
  const { ways, busy, error } = protection;
  if (error && !ways) {
    return <Problem error={error} trans={trans} onRetry={() => void protection.look()} />;
  }
  if (!ways) {
    return (
      <div className="hdh-Files-progress" role="status">
        <progress aria-label={trans.__('Computing')} />
        <span>{trans.__('Computing how this table can be protected…')}</span>
      </div>
    );
  }
  if (ways.proposals.length === 0) {
    return (
      <p className="hdh-Remedies-none" role="status">
        {ways.reason ??
          trans.__(
            'Nothing can be done to this file that would keep its results: correct it where it was computed, with wider groups.'
          )}
      </p>
    );
  }
  const pick = chosen ?? ways.proposals[0] ?? null;
  return (
    <fieldset className="hdh-Remedies" disabled={busy !== null}>
      <legend>{trans.__('Ways to protect this table')}</legend>
      {ways.proposals.map(proposal => (
        <label key={proposal.id} className="hdh-Remedy">
          <input type="radio" name={group} checked={proposal === pick} onChange={() => setChosen(proposal)} />
          <span>
            {proposal.message} <Loss share={proposal.information_lost} trans={trans} />
          </span>
        </label>
      ))}
      {error && <p className="hdh-Summary hdh-mod-block">{error.message}</p>}
      <div className="hdh-Dialog-actions hdh-mod-start">
        <button
          type="button"
          className="hdh-Button hdh-mod-accept"
          onClick={() => {
            if (pick) {
              void protection.apply(pick).then(made => (made ? model.replace(protection.path, made) : undefined));
            }
          }}
        >
          {busy === 'applying' ? trans.__('Writing the protected copy…') : trans.__('Use a protected copy')}
        </button>
        <button type="button" className="hdh-Button" onClick={onClose}>
          {trans.__('Leave as it is')}
        </button>
      </div>
    </fieldset>
  );
}

function Loss({ share, trans }: { share: number; trans: TranslationBundle }): React.JSX.Element {
  const percent = Math.round(Math.min(1, share) * 100);
  const words = trans.__('%1 % of the information lost', percent);
  return (
    <span
      className="hdh-Gauge"
      role="meter"
      title={words}
      aria-label={words}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}
