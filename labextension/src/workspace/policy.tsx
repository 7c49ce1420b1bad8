import { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import { IBackend, IPolicy } from '../tokens';

interface IPolicyListProps {
  backend: IBackend;
  trans: TranslationBundle;
}

/**
 * What the platform allows in this workspace: pasting, copying, terminals.
 */
export function PolicyList({ backend, trans }: IPolicyListProps): React.JSX.Element {
  const [policy, setPolicy] = useState<IPolicy>({});
  useEffect(() => {
    backend.me().then(
      person => setPolicy(person.policy ?? {}),
      () => undefined
    );
  }, [backend]);
  const copy = {
    on: trans.__('Copying to other programs: allowed, and recorded without the text.'),
    limited: trans._n(
      'Copying to other programs: up to %1 character at a time, recorded without the text.',
      'Copying to other programs: up to %1 characters at a time, recorded without the text.',
      policy.copy?.limit ?? 0
    ),
    off: trans.__('Copying to other programs: off.')
  };
  return (
    <ul>
      <li>
        {trans.__('Pasting from other programs, and uploading files: free. Inside JupyterLab, copying is free too.')}
      </li>
      <li>{copy[policy.copy?.mode ?? 'off']}</li>
      {policy.terminals !== undefined && (
        <li>{policy.terminals ? trans.__('Terminals: open.') : trans.__('Terminals: closed.')}</li>
      )}
      <li>{trans.__('Downloading, exporting and printing: closed. What is shown is counted and limited.')}</li>
    </ul>
  );
}
