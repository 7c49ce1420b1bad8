import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ApiError } from './api';

interface IProblemProps {
  error: ApiError;
  trans: TranslationBundle;
  onRetry?: () => void;
}

/**
 * An error as a person reads it: the sentence, the code to quote to support, and a way to try again.
 */
export function Problem({ error, trans, onRetry }: IProblemProps): React.JSX.Element {
  return (
    <div className="hdh-Problem" role="alert">
      <p>{error.message}</p>
      <p className="hdh-Problem-code">{trans.__('Code: %1', error.code)}</p>
      {onRetry && (
        <button type="button" className="hdh-Button" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}
