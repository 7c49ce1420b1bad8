import { TranslationBundle } from '@jupyterlab/translation';

/** What people look for and is closed: each a command of ours that says why. */
export type Closed = 'download' | 'export' | 'print';

export interface IExplanation {
  label: string;
  title: string;
  why: string;
}

/**
 * Return what is said of something that is closed.
 */
export function explanationOf(closed: Closed, trans: TranslationBundle): IExplanation {
  switch (closed) {
    case 'download':
      return {
        label: trans.__('Download…'),
        title: trans.__('Files are not downloaded from here'),
        why: trans.__('This workspace holds health data: no file goes to your computer directly, whatever it contains.')
      };
    case 'export':
      return {
        label: trans.__('Export notebook…'),
        title: trans.__('Notebooks are not exported from here'),
        why: trans.__(
          'An export to HTML or PDF would carry the outputs to your computer. A notebook can leave as a notebook, once it was looked at.'
        )
      };
    case 'print':
      return {
        label: trans.__('Print…'),
        title: trans.__('The workspace is not printed'),
        why: trans.__('Paper and PDF files would carry health data out of the workspace, without a trace.')
      };
  }
}
