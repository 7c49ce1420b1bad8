import { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { CatalogueModel, RESULT, USABLE } from './model';
import { IFacetValue } from './types';

/** Values of a facet that show at first. */
const SHOWN = 8;

interface IFacetsProps {
  model: CatalogueModel;
  trans: TranslationBundle;
}

/**
 * The facets with their counts, in groups that open and close.
 */
export function Facets({ model, trans }: IFacetsProps): React.JSX.Element | null {
  const { results } = model;
  if (!results) {
    return null;
  }
  const groups = Object.entries(results.facets).filter(
    ([name, values]) => name !== USABLE && name !== RESULT && values.length > 0
  );
  const chosen = model.conditions.filter(({ facet }) => facet !== USABLE && facet !== RESULT).length;
  return (
    <details className="hdh-Facets">
      <summary>{chosen > 0 ? trans.__('Filters (%1)', chosen) : trans.__('Filters')}</summary>
      {groups.map(([name, values]) => (
        <Group key={name} name={name} label={results.facet_labels[name] ?? name} {...{ values, model, trans }} />
      ))}
    </details>
  );
}

interface IGroupProps extends IFacetsProps {
  name: string;
  label: string;
  values: IFacetValue[];
}

function Group({ name, label, values, model, trans }: IGroupProps): React.JSX.Element {
  const [all, setAll] = useState(false);
  const chosen = values.filter(({ value }) => model.has(name, value)).length;
  const shown = all ? values : values.filter(({ value }, index) => index < SHOWN || model.has(name, value));
  return (
    <details className="hdh-Facet">
      <summary>
        {label}
        {chosen > 0 && <span className="hdh-Facet-chosen"> · {chosen}</span>}
      </summary>
      <ul aria-label={label}>
        {shown.map(({ value, label: text, count }) => (
          <li key={value}>
            <label>
              <input
                type="checkbox"
                checked={model.has(name, value)}
                onChange={event => void model.limit({ facet: name, value, label: text }, event.target.checked)}
              />
              <span className="hdh-Facet-value">{text}</span>
              <span className="hdh-Facet-count">{count}</span>
            </label>
          </li>
        ))}
      </ul>
      {values.length > shown.length && (
        <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => setAll(true)}>
          {trans.__('Show all (%1)', values.length)}
        </button>
      )}
    </details>
  );
}
