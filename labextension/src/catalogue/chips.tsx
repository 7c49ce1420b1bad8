import { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { CatalogueModel } from './model';

/**
 * The conditions that hold, each with a way to take it away.
 */
export function Chips({ model, trans }: { model: CatalogueModel; trans: TranslationBundle }): React.JSX.Element | null {
  if (!model.isLimited) {
    return null;
  }
  const labels = model.results?.facet_labels ?? {};
  const chips = [
    ...model.datasets.map(({ id, title }) => ({
      key: id,
      text: trans.__('in %1', title),
      remove: () => model.release(id)
    })),
    ...model.conditions.map(condition => ({
      key: `${condition.facet}:${condition.value}`,
      text: `${labels[condition.facet] ?? condition.facet} : ${condition.label}`,
      remove: () => model.limit(condition, false)
    }))
  ];
  return (
    <ul className="hdh-Chips" aria-label={trans.__('Active conditions')}>
      {chips.map(({ key, text, remove }) => (
        <li key={key}>
          <button
            type="button"
            className="hdh-Chip"
            aria-label={trans.__('Remove the condition: %1', text)}
            title={text}
            onClick={() => void remove()}
          >
            <span>{text}</span>
            <closeIcon.react tag="span" className="hdh-Chip-icon" />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => void model.clearConditions()}>
            {trans.__('Remove all')}
          </button>
        </li>
      )}
    </ul>
  );
}
