import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { sealedIcon } from '../icons';

/**
 * Says in the status bar that the workspace is sealed; a click tells more.
 */
export class SealedStatus extends ReactWidget {
  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _explain: () => void
  ) {
    super();
    this.addClass('hdh-StatusItem');
  }

  protected override render(): React.JSX.Element {
    const trans = this._trans;
    return (
      <button type="button" onClick={this._explain} title={trans.__('What leaves this workspace, and how')}>
        <sealedIcon.react tag="span" stylesheet="statusBar" />
        <span>{trans.__('Sealed workspace')}</span>
      </button>
    );
  }
}
