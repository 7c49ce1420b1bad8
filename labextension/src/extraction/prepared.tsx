import { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import { askPortal } from '../portalPage';
import { IPerson } from '../tokens';
import { IDraft } from './types';

interface IPreparedProps {
  draft: IDraft;
  role: IPerson['role'];
  trans: TranslationBundle;
  onClose: () => void;
}

/**
 * The draft is in the hub zone: where it is, and who goes on.
 */
export function Prepared({ draft, role, trans, onClose }: IPreparedProps): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="hdh-Prepared">
      <h3 tabIndex={-1} ref={heading}>
        {trans.__('Draft no. %1 is ready', String(draft.id))}
      </h3>
      <p>
        {role === 'lead'
          ? trans.__(
              'The files are in the portal, where they are checked again. Open the draft there to state the purpose, the recipient and the justification, and submit it to the output checkers.'
            )
          : trans.__(
              'The files are in the portal, where they are checked again. The project lead opens the draft there, states the purpose, the recipient and the justification, and submits it to the output checkers.'
            )}
      </p>
      <p className="hdh-Prepared-address">
        <span>{trans.__('Address of the draft:')}</span> <code>{draft.url}</code>
      </p>
      <div className="hdh-Dialog-actions">
        <button type="button" className="hdh-Button" onClick={onClose}>
          {trans.__('Stay in the workspace')}
        </button>
        <button
          type="button"
          className="hdh-Button hdh-mod-accept"
          onClick={() => askPortal(draft.url, { hdh: 'request', request: Number(draft.id) })}
        >
          {trans.__('Open the draft in the portal')}
        </button>
      </div>
    </div>
  );
}
