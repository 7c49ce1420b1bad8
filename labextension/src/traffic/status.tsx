import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { Gauge, shareOf } from '../gauge';
import { Polled } from '../polled';
import { Wording } from '../wording';
import { ITraffic } from './types';

/**
 * Says in the status bar how much of the day's budget was shown; a click tells more.
 */
export class TrafficStatus extends ReactWidget {
  constructor(
    private readonly _traffic: Polled<ITraffic>,
    private readonly _wording: Wording,
    private readonly _open: () => void
  ) {
    super();
    this.addClass('hdh-StatusItem');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._traffic.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { trans } = this._wording;
    const traffic = this._traffic.value;
    if (!traffic?.day) {
      return <></>;
    }
    const share = Math.max(shareOf(traffic.day), shareOf(traffic.hour));
    const cut = traffic.state === 'cut';
    const title = trans.__(
      'Shown today: %1 of %2',
      this._wording.volume(traffic.day.used),
      this._wording.volume(traffic.day.limit)
    );
    return (
      <button type="button" onClick={this._open} title={title} className={cut ? 'hdh-mod-alarm' : undefined}>
        <span>{cut ? trans.__('Display suspended') : trans.__('Shown')}</span>
        <Gauge share={cut ? 1 : share} label={title} />
      </button>
    );
  }
}
