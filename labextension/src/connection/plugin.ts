import { IConnectionLost, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISessionContext } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { DOMAIN, IBackend, ILink } from '../tokens';
import { Link } from './link';
import { LostNotice } from './notice';
import { watchedSocket } from './watchedSocket';

/** For how long a websocket is held that would be refused, milliseconds. */
const HELD = 15_000;

/**
 * Says plainly why the workspace cannot be reached, and connects again when it can.
 */
export const linkPlugin: JupyterFrontEndPlugin<ILink> = {
  id: '@hdh/jupyter-labextension:link',
  description: 'Says why the workspace cannot be reached, and connects again when it can.',
  autoStart: true,
  provides: ILink,
  requires: [IBackend, ITranslator],
  activate: (app: JupyterFrontEnd, backend: IBackend, translator: ITranslator): ILink => {
    const link = new Link(backend);
    const settings = app.serviceManager.serverSettings;
    // Whatever opens a websocket takes its kind from this object, or the browser's own, each time it opens one.
    const watched = { WebSocket: watchedSocket(settings.WebSocket, link, HELD) };
    Object.assign(settings, watched);
    Object.assign(window, watched);
    new LostNotice(link, translator.load(DOMAIN));
    link.changed.connect((_, before) => {
      if (link.reach === 'open' && before !== 'open') {
        reconnectKernels(app.shell);
      }
    });
    return link;
  }
};

/**
 * Answers a failed request of JupyterLab by finding out why, instead of with a dialog that does not know.
 */
export const connectionLostPlugin: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@hdh/jupyter-labextension:connection-lost',
  description: 'Finds out from the gateway why a request failed.',
  autoStart: true,
  provides: IConnectionLost,
  requires: [ILink],
  activate: (_: JupyterFrontEnd, link: ILink): IConnectionLost => {
    return () => link.check();
  }
};

/** What a widget with a kernel has: a document by its context, a console by itself. */
interface IWithKernel {
  context?: { sessionContext?: ISessionContext };
  sessionContext?: ISessionContext;
}

/** Kernel connections that gave up start again; what shows them notices by itself. */
function reconnectKernels(shell: JupyterFrontEnd.IShell): void {
  for (const widget of shell.widgets('main') as Iterable<Widget & IWithKernel>) {
    const kernel = (widget.context?.sessionContext ?? widget.sessionContext)?.session?.kernel;
    if (kernel?.connectionStatus === 'disconnected') {
      // A kernel that is gone meanwhile says so in its document.
      void kernel.reconnect().catch(() => undefined);
    }
  }
}
