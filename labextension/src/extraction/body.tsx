import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { Problem } from '../problem';
import { IPerson } from '../tokens';
import { FileList } from './fileList';
import { ExtractionModel, TITLE_LENGTH } from './model';
import { Prepared } from './prepared';

/**
 * The inside of the extraction dialog.
 */
export class ExtractionBody extends ReactWidget {
  constructor(
    private readonly _model: ExtractionModel,
    private readonly _role: IPerson['role'],
    private readonly _trans: TranslationBundle,
    private readonly _close: () => void
  ) {
    super();
    this.addClass('hdh-Extraction');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._model.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { _model: model, _trans: trans } = this;
    if (model.draft) {
      return <Prepared draft={model.draft} role={this._role} trans={trans} onClose={this._close} />;
    }
    const preparing = model.phase === 'preparing';
    return (
      <form
        onSubmit={event => {
          event.preventDefault();
          void model.prepare();
        }}
      >
        <p className="hdh-Extraction-intro">
          {trans.__(
            'Files leave the workspace only after two output checkers have approved them. They are checked here at once, so that you can correct them; the checks that count run again in the portal.'
          )}
        </p>
        <FileList model={model} trans={trans} />
        {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.retry()} />}
        {model.phase === 'checked' && !model.error && <Summary model={model} trans={trans} />}
        <label className="hdh-Field">
          <span>{trans.__('Title of the request')}</span>
          <input
            className="hdh-Input"
            type="text"
            value={model.title}
            maxLength={TITLE_LENGTH}
            disabled={preparing}
            placeholder={trans.__('Weekly emergency visits by department')}
            onChange={event => model.entitle(event.target.value)}
          />
        </label>
        <div className="hdh-Dialog-actions">
          <button type="button" className="hdh-Button" onClick={this._close}>
            {trans.__('Cancel')}
          </button>
          <button
            type="button"
            className="hdh-Button"
            disabled={model.files.length === 0 || model.tooMany || preparing || model.phase === 'checking'}
            onClick={() => void model.check()}
          >
            {trans.__('Check again')}
          </button>
          <button type="submit" className="hdh-Button hdh-mod-accept" disabled={!model.ready}>
            {preparing ? trans.__('Preparing the draft…') : trans.__('Prepare draft')}
          </button>
        </div>
      </form>
    );
  }
}

/**
 * What the checks amount to.
 */
function Summary({ model, trans }: { model: ExtractionModel; trans: TranslationBundle }): React.JSX.Element {
  const stuck = model.stuck.length;
  const verdict = stuck > 0 ? 'block' : (model.report?.verdict ?? 'block');
  const words = {
    pass: trans.__('The checks found nothing. The output checkers still look at every file.'),
    review: trans.__('The output checkers will look at what was found. Correct what you can: it saves time.'),
    block:
      stuck > 0
        ? trans._n(
            '%1 file cannot leave as it is. Correct or remove it: a draft that holds it can be prepared, but will not be released.',
            '%1 files cannot leave as they are. Correct or remove them: a draft that holds them can be prepared, but will not be released.',
            stuck
          )
        : trans.__('What is blocking will be removed before release; the rest can leave.')
  };
  return (
    <p className={`hdh-Summary hdh-mod-${verdict === 'block' && stuck === 0 ? 'review' : verdict}`} role="status">
      {words[verdict]}
    </p>
  );
}
