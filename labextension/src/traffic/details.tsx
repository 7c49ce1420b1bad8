import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { MeterRow } from '../meterRow';
import { Polled } from '../polled';
import { Problem } from '../problem';
import { IBackend, IOutputs } from '../tokens';
import { Wording } from '../wording';
import { MoreForm } from './moreForm';
import { ITraffic } from './types';

/** How many requests for more are listed, the newest. */
const LISTED = 5;

/**
 * What was shown, what may be, why it is cut when it is, and what one can do.
 */
export class TrafficDetails extends ReactWidget {
  constructor(
    private readonly _traffic: Polled<ITraffic>,
    private readonly _backend: IBackend,
    private readonly _outputs: IOutputs,
    private readonly _wording: Wording
  ) {
    super();
    this.addClass('hdh-Details');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._traffic.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { trans } = this._wording;
    const traffic = this._traffic.value;
    if (!traffic) {
      return this._traffic.error ? (
        <Problem error={this._traffic.error} trans={trans} onRetry={() => void this._traffic.refresh()} />
      ) : (
        <p>{trans.__('Loading…')}</p>
      );
    }
    const cut = traffic.state === 'cut';
    return (
      <>
        {cut && this._cut(traffic)}
        {!cut && traffic.message && <p className="hdh-Summary hdh-mod-review">{traffic.message}</p>}
        {!cut && (
          <p>
            {trans.__(
              'What JupyterLab shows you comes out of the sealed workspace. It is counted, and limited by hour and by day: the limits leave room for usual work, not for copying data.'
            )}
          </p>
        )}
        <table className="hdh-Meters">
          <tbody>
            {this._row(trans.__('This hour'), traffic.hour)}
            {this._row(trans.__('Today'), traffic.day)}
          </tbody>
        </table>
        {this._advice(cut)}
        {this._more(traffic)}
      </>
    );
  }

  private _cut(traffic: ITraffic): React.JSX.Element {
    const { trans } = this._wording;
    return (
      <div className="hdh-Summary hdh-mod-block" role="alert">
        <p>
          {traffic.message ??
            trans.__('More was shown than the budget allows: kernels and documents are cut from this page.')}
        </p>
        {!traffic.message && traffic.until && (
          <p>
            <strong>{trans.__('Display resumes at %1.', this._wording.moment(traffic.until))}</strong>
          </p>
        )}
        <p>{trans.__('Computations go on in the workspace, and saved files are kept.')}</p>
      </div>
    );
  }

  private _row(label: string, amount: ITraffic['day']): React.JSX.Element {
    const { trans } = this._wording;
    return (
      <MeterRow
        label={label}
        amount={amount}
        write={bytes => this._wording.volume(bytes)}
        unknown={trans.__('unknown')}
        of={(used, limit) => trans.__('%1 of %2', used, limit)}
      />
    );
  }

  private _advice(cut: boolean): React.JSX.Element {
    const { trans } = this._wording;
    return (
      <section>
        <h3>{cut ? trans.__('What you can do') : trans.__('To be shown less')}</h3>
        <ul>
          <li>
            {trans.__('Print the head of a table, not the table; write results to a file instead of the screen.')}
          </li>
          <li>{trans.__('Save figures at screen size; avoid interactive figures that hold all their points.')}</li>
          <li>{trans.__('Lighten notebooks: their outputs are sent again each time they are opened.')}</li>
        </ul>
        {this._outputs.available && (
          <div className="hdh-Dialog-actions hdh-mod-start">
            <button type="button" className="hdh-Button" onClick={() => this._outputs.shorten()}>
              {trans.__('Shorten the large outputs of this notebook')}
            </button>
            <button type="button" className="hdh-Button" onClick={() => this._outputs.clear()}>
              {trans.__('Clear the outputs of this notebook')}
            </button>
          </div>
        )}
      </section>
    );
  }

  private _more(traffic: ITraffic): React.JSX.Element {
    const { trans } = this._wording;
    const requests = (traffic.requests ?? []).slice(0, LISTED);
    const words = {
      pending: trans.__('awaiting an answer'),
      granted: trans.__('granted'),
      refused: trans.__('refused')
    };
    const badges = { pending: 'review', granted: 'pass', refused: 'block' };
    return (
      <section>
        <h3>{trans.__('Ask for more')}</h3>
        {requests.length > 0 && (
          <ul className="hdh-Requests">
            {requests.map(request => (
              <li key={request.id}>
                <span className={`hdh-Badge hdh-mod-${badges[request.state]}`}>{words[request.state]}</span>
                <span>
                  {request.reason}
                  {request.amount && <strong> +{this._wording.volume(request.amount)}</strong>}
                  {request.comment && <em> — {request.comment}</em>}
                </span>
              </li>
            ))}
          </ul>
        )}
        {requests.some(request => request.state === 'pending') ? (
          <p>{trans.__('The administrators see your request. This page follows their answer.')}</p>
        ) : (
          <MoreForm
            trans={trans}
            send={async reason => {
              await this._backend.request('hdh/traffic/requests', { body: { reason } });
              await this._traffic.refresh();
            }}
          />
        )}
      </section>
    );
  }
}
