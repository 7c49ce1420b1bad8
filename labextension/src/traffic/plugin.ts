import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { FormDialog } from '../formDialog';
import { Polled } from '../polled';
import { IBackend, ILink, IOutputs } from '../tokens';
import { Wording } from '../wording';
import { TrafficDetails } from './details';
import { TrafficStatus } from './status';
import { ITraffic } from './types';

const SHOW = 'hdh-traffic:show';
const INTERVAL = 15_000;

/**
 * Says how much was shown of the workspace, warns before the budget is spent, and explains the cut.
 */
export const trafficPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:traffic',
  description: 'Says how much was shown of the workspace, and explains when the budget is spent.',
  autoStart: true,
  requires: [IBackend, ILink, IOutputs, ITranslator],
  optional: [IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    backend: IBackend,
    link: ILink,
    outputs: IOutputs,
    translator: ITranslator,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null
  ) => {
    const wording = new Wording(translator);
    const { trans } = wording;
    const traffic = new Polled<ITraffic>(backend, 'hdh/traffic', INTERVAL);
    let shown: Dialog<unknown> | null = null;

    const show = async (): Promise<void> => {
      if (shown) {
        return;
      }
      void traffic.refresh();
      shown = new FormDialog({
        title: traffic.value?.state === 'cut' ? trans.__('Display is suspended') : trans.__('What was shown to you'),
        body: new TrafficDetails(traffic, backend, outputs, wording),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
      await shown.launch();
      shown = null;
    };

    traffic.changed.connect((_, before) => {
      const state = traffic.value?.state ?? 'ok';
      const earlier = before?.state ?? 'ok';
      if (state === earlier) {
        return;
      }
      if (state === 'cut') {
        void link.check();
        shown?.reject();
        void Promise.resolve().then(show);
      } else if (earlier === 'cut') {
        void link.check();
        shown?.reject();
        Notification.success(trans.__('Display has resumed.'), { autoClose: INTERVAL });
      } else if (state === 'warning') {
        Notification.warning(
          traffic.value?.message ??
            trans.__('Much of the workspace was shown to you: display will be suspended when the budget is spent.'),
          {
            autoClose: false,
            actions: [{ label: trans.__('Details'), callback: () => void show() }]
          }
        );
      }
    });
    link.changed.connect(() => {
      if (link.reach === 'cut') {
        void traffic.refresh();
      }
    });

    app.commands.addCommand(SHOW, {
      label: trans.__('What was shown to you, and the budget'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: show
    });
    palette?.addItem({ command: SHOW, category: trans.__('Health data') });
    statusBar?.registerStatusItem(trafficPlugin.id, {
      item: new TrafficStatus(traffic, wording, () => void show()),
      align: 'left',
      rank: 201,
      isActive: () => true
    });
    void app.restored.then(() => traffic.refresh());
  }
};
