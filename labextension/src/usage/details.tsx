import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { MeterRow } from '../meterRow';
import { Polled } from '../polled';
import { Problem } from '../problem';
import { Wording } from '../wording';
import { IUsage, IUse } from './types';

/** How many events are listed, the newest. */
const LISTED = 8;

/**
 * What the workspace uses of its limits, and what happened to it.
 */
export class UsageDetails extends ReactWidget {
  constructor(
    private readonly _usage: Polled<IUsage>,
    private readonly _wording: Wording
  ) {
    super();
    this.addClass('hdh-Details');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._usage.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { trans } = this._wording;
    const usage = this._usage.value;
    if (!usage) {
      return this._usage.error ? (
        <Problem error={this._usage.error} trans={trans} onRetry={() => void this._usage.refresh()} />
      ) : (
        <p>{trans.__('Loading…')}</p>
      );
    }
    const size = (bytes: number): string => this._wording.size(bytes);
    const count = (number: number): string => this._wording.number(number);
    const events = (usage.events ?? []).slice(0, LISTED);
    return (
      <>
        <p>{trans.__('The members of the project share these. A kernel that is shut down gives its memory back.')}</p>
        <table className="hdh-Meters">
          <tbody>
            {this._row(trans.__('Memory'), usage.memory, size)}
            {this._row(trans.__('Disk of the project'), usage.disk, size)}
            {usage.files && this._row(trans.__('Files and folders'), usage.files, count)}
            {this._row(trans.__('Processes'), usage.processes, count)}
            {this._row(trans.__('Processor (cores)'), usage.cpu, count)}
          </tbody>
        </table>
        {events.length > 0 && (
          <section>
            <h3>{trans.__('What happened')}</h3>
            <ul className="hdh-Events">
              {events.map(event => (
                <li key={`${event.at} ${event.code}`}>
                  <time dateTime={event.at}>{this._wording.moment(event.at)}</time> {event.message}
                </li>
              ))}
            </ul>
          </section>
        )}
      </>
    );
  }

  private _row(label: string, amount: IUse | undefined, write: (value: number) => string): React.JSX.Element {
    const { trans } = this._wording;
    return (
      <MeterRow
        label={label}
        amount={amount}
        write={write}
        unknown={trans.__('unknown')}
        of={(used, limit) => trans.__('%1 of %2', used, limit)}
      />
    );
  }
}
