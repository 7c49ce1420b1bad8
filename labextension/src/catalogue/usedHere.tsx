import { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { UsableBadge } from './badge';
import { CatalogueModel } from './model';
import { NotebookUse } from './notebookUse';

interface IUsedHereProps {
  model: CatalogueModel;
  use: NotebookUse;
  trans: TranslationBundle;
}

/**
 * The databases that the current notebook uses.
 */
export function UsedHere({ model, use, trans }: IUsedHereProps): React.JSX.Element {
  return (
    <UseSignal signal={use.changed}>
      {() =>
        use.notebook !== null && use.used.length > 0 ? (
          <section className="hdh-UsedHere" aria-label={trans.__('Used in this notebook')}>
            <h3>{trans.__('Used in this notebook')}</h3>
            <ul>
              {use.used.map(({ id, title, usable }) => (
                <li key={id}>
                  <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => void model.open(id, title)}>
                    {title}
                  </button>
                  <UsableBadge usable={usable} trans={trans} />
                </li>
              ))}
            </ul>
          </section>
        ) : null
      }
    </UseSignal>
  );
}
