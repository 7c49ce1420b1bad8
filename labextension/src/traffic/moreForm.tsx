import { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { ApiError } from '../api';
import { Problem } from '../problem';

/** The shortest and the longest reason, characters. */
const SHORTEST = 10;
const LONGEST = 1000;

interface IMoreFormProps {
  trans: TranslationBundle;
  /** Send the reason; rejects with an ApiError. */
  send: (reason: string) => Promise<void>;
}

/**
 * Asks for a larger budget, with a reason.
 */
export function MoreForm({ trans, send }: IMoreFormProps): React.JSX.Element {
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async (): Promise<void> => {
    setSending(true);
    setError(null);
    try {
      await send(reason.trim());
      setReason('');
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        throw failure;
      }
      setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      className="hdh-MoreForm"
      onSubmit={event => {
        event.preventDefault();
        void submit();
      }}
    >
      <label className="hdh-Field">
        <span>{trans.__('Why do you need to see more?')}</span>
        <textarea
          className="hdh-Input hdh-mod-long"
          rows={3}
          value={reason}
          maxLength={LONGEST}
          placeholder={trans.__('For instance: I compare forty maps one by one, each of 2 MB.')}
          onChange={event => setReason(event.target.value)}
        />
      </label>
      {error && <Problem error={error} trans={trans} />}
      <button type="submit" className="hdh-Button" disabled={sending || reason.trim().length < SHORTEST}>
        {sending ? trans.__('Sending…') : trans.__('Ask for more')}
      </button>
    </form>
  );
}
