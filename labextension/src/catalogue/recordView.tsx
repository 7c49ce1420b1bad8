import { TranslationBundle } from '@jupyterlab/translation';
import { caretLeftIcon, launchIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import { Problem } from '../problem';
import { UsableBadge } from './badge';
import { BasketModel } from './basketModel';
import { InsertCode } from './insertCode';
import { RecordTabs } from './record';
import { RecordModel } from './recordModel';
import { IReadingTargets } from './reading';
import { Language } from './types';

interface IRecordViewProps {
  model: RecordModel;
  basket: BasketModel;
  targets: IReadingTargets;
  trans: TranslationBundle;
  language: Language;
  onOpen: (id: string) => void;
  onBasket: () => void;
  /** In the panel: back to the list, and out to a tab of its own. */
  onBack?: () => void;
  onWiden?: () => void;
}

/**
 * One record: whether this project may use it and what can be done about it, and what it says.
 */
export function RecordView(props: IRecordViewProps): React.JSX.Element {
  const { model, basket, targets, trans, language, onOpen, onBasket, onBack, onWiden } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const { record } = model;
  useEffect(() => heading.current?.focus(), [model.id]);

  return (
    <article className="hdh-Record" aria-busy={model.loading}>
      <div className="hdh-Record-bar">
        {onBack && (
          <button type="button" className="hdh-Button hdh-mod-quiet" onClick={onBack}>
            <caretLeftIcon.react tag="span" className="hdh-Button-icon" />
            {trans.__('Back to the list')}
          </button>
        )}
        {onWiden && (
          <button
            type="button"
            className="hdh-Button hdh-mod-quiet"
            title={trans.__('Open in a tab of its own')}
            aria-label={trans.__('Open in a tab of its own')}
            onClick={onWiden}
          >
            <launchIcon.react tag="span" className="hdh-Button-icon" />
          </button>
        )}
      </div>
      <h2 className="hdh-Record-title" tabIndex={-1} ref={heading}>
        {record?.title ?? model.title}
      </h2>
      {record?.long_title && <p className="hdh-Record-longTitle">{record.long_title}</p>}
      {record && (
        <div className={`hdh-Record-usable hdh-mod-${record.usable.code}`}>
          <UsableBadge usable={record.usable} trans={trans} />
          <p>{record.usable.message}</p>
          {record.usable.code === 'granted' ? (
            <InsertCode {...{ model, targets, trans }} />
          ) : basket.has(record.id) ? (
            <button type="button" className="hdh-Button" onClick={onBasket}>
              {trans.__('In the basket: see the request')}
            </button>
          ) : (
            <button type="button" className="hdh-Button hdh-mod-accept" onClick={() => basket.add(record)}>
              {trans.__('Request access')}
            </button>
          )}
        </div>
      )}
      <RecordTabs {...{ model, trans, language, onOpen }} />
      {model.loading && !record && (
        <p className="hdh-Loading" role="status">
          {trans.__('Loading…')}
        </p>
      )}
      {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.load()} />}
    </article>
  );
}
