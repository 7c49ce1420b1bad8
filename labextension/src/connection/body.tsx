import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import { ILink, Reach } from '../tokens';

/** What the dialog is about: neither an open link nor a cut, which has a dialog of its own. */
export type Lost = Exclude<Reach, 'open' | 'cut'>;

export function lostTitle(reach: Reach, trans: TranslationBundle): string {
  switch (reach) {
    case 'no_access':
      return trans.__('Your access to this project has ended');
    case 'signed_out':
      return trans.__('Your session has ended');
    case 'closed':
      return trans.__('The workspace is closed');
    default:
      return trans.__('The workspace cannot be reached');
  }
}

/**
 * What happened to the link with the workspace, and what the person can do.
 */
export class LostBody extends ReactWidget {
  constructor(
    private readonly _link: ILink,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('hdh-Lost');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this._link.changed}>{() => this._content()}</UseSignal>;
  }

  private _content(): React.JSX.Element {
    const { _link: link, _trans: trans } = this;
    const advice: Record<Lost, string[]> = {
      no_access: [
        trans.__('You no longer belong to this project, or its authorisation has ended.'),
        trans.__('The project’s files are kept. Ask the project lead if this surprises you.'),
        trans.__('Leave with “Back to the portal”, in the bar above JupyterLab.')
      ],
      signed_out: [
        trans.__('You signed out in another tab, or your session is too old.'),
        trans.__('What runs in the workspace goes on, and saved work is kept.'),
        trans.__('Choose “Back to the portal” in the bar above JupyterLab, sign in, and open the workspace again.')
      ],
      closed: [
        trans.__('A member closed it, or it was stopped; running computations have ended.'),
        trans.__('Saved files are kept; variables in memory are lost.'),
        trans.__('Choose “Back to the portal” in the bar above JupyterLab, and open the workspace again.')
      ],
      unreachable: [
        trans.__('Your network may be down, or the platform is being restarted.'),
        trans.__('What runs in the workspace goes on. This page connects again by itself.')
      ]
    };
    const reach = link.reach;
    if (reach === 'open' || reach === 'cut') {
      return <p>{trans.__('The workspace answers again.')}</p>;
    }
    return (
      <>
        {advice[reach].map(sentence => (
          <p key={sentence}>{sentence}</p>
        ))}
        {reach === 'unreachable' && link.message && <p className="hdh-Lost-message">{link.message}</p>}
      </>
    );
  }
}
