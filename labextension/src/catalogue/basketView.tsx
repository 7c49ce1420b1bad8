import { TranslationBundle } from '@jupyterlab/translation';
import { caretLeftIcon, closeIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import { Problem } from '../problem';
import { BasketModel, LEAST_PURPOSE, MOST_PURPOSE } from './basketModel';
import { IAccessRequest, Language } from './types';

interface IBasketProps {
  model: BasketModel;
  trans: TranslationBundle;
  language: Language;
  onBack: () => void;
  onOpen: (id: string) => void;
}

/**
 * The databases asked for, by steward, the purpose, and what became of earlier requests.
 */
export function BasketView({ model, trans, language, onBack, onOpen }: IBasketProps): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const groups = model.bySteward;
  return (
    <article className="hdh-Basket" aria-busy={model.loading}>
      <button type="button" className="hdh-Button hdh-mod-quiet" onClick={onBack}>
        <caretLeftIcon.react tag="span" className="hdh-Button-icon" />
        {trans.__('Back to the list')}
      </button>
      <h2 className="hdh-Record-title" tabIndex={-1} ref={heading}>
        {trans.__('Requests for access')}
      </h2>
      <p role="status" className="hdh-Basket-sent">
        {model.sent.length > 0 &&
          trans._n(
            '%1 request is sent to its steward.',
            '%1 requests are sent, one to each steward.',
            model.sent.length
          )}
      </p>
      {groups.length === 0 && model.sent.length === 0 && (
        <p className="hdh-Notice">
          {trans.__(
            'The basket is empty. Open a database that is not granted to this project and choose “Request access”.'
          )}
        </p>
      )}
      {groups.map(([steward, datasets]) => (
        <section key={steward} className="hdh-Basket-steward">
          <h3>{trans.__('To %1', steward)}</h3>
          <ul>
            {datasets.map(({ id, title }) => (
              <li key={id}>
                <button type="button" className="hdh-Button hdh-mod-quiet" onClick={() => onOpen(id)}>
                  {title}
                </button>
                <button
                  type="button"
                  className="hdh-Button hdh-mod-quiet"
                  aria-label={trans.__('Remove %1', title)}
                  onClick={() => model.remove(id)}
                >
                  <closeIcon.react tag="span" className="hdh-Button-icon" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {groups.length > 0 && (
        <form
          onSubmit={event => {
            event.preventDefault();
            void model.send();
          }}
        >
          <label className="hdh-Field">
            {trans.__('What does the project need them for?')}
            <textarea
              className="hdh-Input hdh-mod-long"
              rows={5}
              maxLength={MOST_PURPOSE}
              value={model.purpose}
              placeholder={trans.__('Purpose, population, period, and the authorisation that covers it')}
              onChange={event => model.write(event.target.value)}
            />
          </label>
          <p className="hdh-Basket-hint">
            {trans.__('At least %1 characters. The stewards and the administrators read it.', LEAST_PURPOSE)}
          </p>
          <button type="submit" className="hdh-Button hdh-mod-accept" disabled={!model.canSend}>
            {trans._n('Send %1 request', 'Send %1 requests', groups.length)}
          </button>
        </form>
      )}
      {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.load()} />}
      {model.loading && !model.requests && <p className="hdh-Loading">{trans.__('Loading…')}</p>}
      {model.requests && model.requests.length > 0 && (
        <section>
          <h3>{trans.__('Requests of the project')}</h3>
          <ul className="hdh-Basket-requests">
            {model.requests.map(request => (
              <Request key={request.id} request={request} trans={trans} language={language} />
            ))}
          </ul>
        </section>
      )}
    </article>
  );
}

interface IRequestProps {
  request: IAccessRequest;
  trans: TranslationBundle;
  language: Language;
}

function Request({ request, trans, language }: IRequestProps): React.JSX.Element {
  const states: Record<string, [string, string]> = {
    sent: ['info', trans.__('awaiting an answer')],
    answered: ['review', trans.__('answered')],
    granted: ['pass', trans.__('granted')],
    refused: ['block', trans.__('refused')]
  };
  const [mark, state] = states[request.state] ?? ['info', request.state];
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(request.asked_at));
  return (
    <li>
      <span className="hdh-Catalogue-itemHead">
        <strong>{request.steward}</strong>
        <span className={`hdh-Badge hdh-mod-${mark}`}>{state}</span>
      </span>
      <p>{request.datasets.join(', ')}</p>
      <p className="hdh-Basket-hint">{trans.__('Asked by %1 on %2', request.person, day)}</p>
      {request.comment && <blockquote className="hdh-Citation">{request.comment}</blockquote>}
    </li>
  );
}
