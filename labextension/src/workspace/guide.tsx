import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { IBackend } from '../tokens';
import { Wording } from '../wording';
import { PolicyList } from './policy';
import { ProbeReport } from './probe';

/**
 * What a sealed workspace is, and how results leave it.
 */
export class SealedGuide extends ReactWidget {
  /**
   * @param version - JupyterLab's.
   */
  constructor(
    private readonly _backend: IBackend,
    private readonly _wording: Wording,
    private readonly _version: string
  ) {
    super();
    this.addClass('hdh-SealedGuide');
  }

  protected override render(): React.JSX.Element {
    const { trans } = this._wording;
    return (
      <>
        <p>
          {trans.__(
            'This workspace holds health data of your project. It has no connection to the outside: no internet, no other project, no download.'
          )}
        </p>
        <h3>{trans.__('How results leave')}</h3>
        <ol>
          <li>{trans.__('Write tables, figures or notebooks that hold aggregated results only.')}</li>
          <li>
            {trans.__(
              'Choose “Request extraction” in the notebook’s toolbar or in the file’s context menu: the files are checked at once, and you see what to correct.'
            )}
          </li>
          <li>{trans.__('The project lead states the purpose and the recipient in the portal, and submits.')}</li>
          <li>{trans.__('Two output checkers who are not in the project each decide.')}</li>
          <li>{trans.__('The lead downloads what both approved, from the portal.')}</li>
        </ol>
        <h3>{trans.__('What never leaves')}</h3>
        <ul>
          <li>{trans.__('Data about one person, even without a name.')}</li>
          <li>{trans.__('Counts from 1 to 10 people.')}</li>
          <li>{trans.__('Identifiers: NIR, telephone numbers, e-mail addresses, pseudonymised numbers.')}</li>
        </ul>
        <h3>{trans.__('Copying, printing, terminals')}</h3>
        <PolicyList backend={this._backend} trans={trans} />
        <h3>{trans.__('The seal is tested')}</h3>
        <ProbeReport backend={this._backend} wording={this._wording} />
        <p className="hdh-SealedGuide-version">{trans.__('JupyterLab %1', this._version)}</p>
      </>
    );
  }
}
