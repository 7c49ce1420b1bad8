import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IUsable } from './types';

/**
 * Whether this project may use a dataset, in a word.
 */
export function UsableBadge({ usable, trans }: { usable: IUsable; trans: TranslationBundle }): React.JSX.Element {
  const words = {
    granted: trans.__('Granted'),
    expired: trans.__('Expired'),
    not_granted: trans.__('Not granted')
  };
  return (
    <span className={`hdh-Badge hdh-mod-${usable.code}`} title={usable.message}>
      {words[usable.code]}
    </span>
  );
}
