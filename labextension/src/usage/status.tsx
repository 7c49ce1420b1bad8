import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { Gauge, HIGH, shareOf } from '../gauge';
import { Polled } from '../polled';
import { Wording } from '../wording';
import { IUsage } from './types';

/**
 * Says in the status bar how much memory the workspace uses, and the disk when it fills; a click tells more.
 */
export class UsageStatus extends ReactWidget {
  constructor(
    private readonly _usage: Polled<IUsage>,
    private readonly _wording: Wording,
    private readonly _open: () => void
  ) {
    super();
    this.addClass('hdh-StatusItem');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._usage.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { trans } = this._wording;
    const { memory, disk } = this._usage.value ?? {};
    if (memory?.used === undefined && disk?.used === undefined) {
      return <></>;
    }
    const near = Math.max(shareOf(memory), shareOf(disk)) >= HIGH;
    return (
      <button
        type="button"
        onClick={this._open}
        title={trans.__('Memory and disk of the workspace, shared by its members')}
        className={near ? 'hdh-mod-alarm' : undefined}
      >
        {memory?.used !== undefined && (
          <>
            <span>{trans.__('Memory %1', this._wording.size(memory.used))}</span>
            {memory.limit !== undefined && <Gauge share={shareOf(memory)} label={trans.__('Memory')} />}
          </>
        )}
        {disk?.used !== undefined && (memory?.used === undefined || shareOf(disk) >= HIGH) && (
          <>
            <span>{trans.__('Disk %1', this._wording.size(disk.used))}</span>
            {disk.limit !== undefined && <Gauge share={shareOf(disk)} label={trans.__('Disk')} />}
          </>
        )}
      </button>
    );
  }
}
