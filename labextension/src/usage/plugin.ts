import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { Polled } from '../polled';
import { IBackend } from '../tokens';
import { Wording } from '../wording';
import { UsageDetails } from './details';
import { endsKernels, newEvents, toneOf } from './events';
import { closeBareDialog } from './kernelEnd';
import { UsageStatus } from './status';
import { IUsage } from './types';

const SHOW = 'hdh-usage:show';
/** The supervisor writes every 2 s; a warning that comes this late still comes before the memory is full. */
const INTERVAL = 4_000;
const SHOWN = 8_000;

/**
 * Says how much of its limits the workspace uses, and what happened when one was hit.
 */
export const usagePlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:usage',
  description: 'Says how much memory and disk the workspace uses, and why a kernel was ended.',
  autoStart: true,
  requires: [IBackend, ITranslator],
  optional: [IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    backend: IBackend,
    translator: ITranslator,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null
  ) => {
    const wording = new Wording(translator);
    const { trans } = wording;
    const usage = new Polled<IUsage>(backend, 'hdh/usage', INTERVAL);

    const show = async (): Promise<void> => {
      void usage.refresh();
      await showDialog({
        title: trans.__('Memory, disk and processor'),
        body: new UsageDetails(usage, wording),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
    };

    usage.changed.connect((_, before) => {
      for (const event of newEvents(before, usage.value)) {
        if (endsKernels(event) && closeBareDialog(translator)) {
          void showDialog({
            title: trans.__('A computation was ended'),
            body: event.message,
            buttons: [Dialog.okButton({ label: trans.__('Understood') })]
          });
          continue;
        }
        const tone = toneOf(event);
        Notification.emit(event.message, tone, {
          autoClose: tone === 'success' ? SHOWN : false,
          actions: [{ label: trans.__('Details'), callback: () => void show() }]
        });
      }
    });
    // A kernel that dies may have been ended by a limit: the event that says so is written about now.
    app.serviceManager.kernels.runningChanged.connect(() => void usage.refresh());

    app.commands.addCommand(SHOW, {
      label: trans.__('Memory, disk and processor of the workspace'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: show
    });
    palette?.addItem({ command: SHOW, category: trans.__('Health data') });
    statusBar?.registerStatusItem(usagePlugin.id, {
      item: new UsageStatus(usage, wording, () => void show()),
      align: 'left',
      rank: 202,
      isActive: () => true
    });
    void app.restored.then(() => usage.refresh());
  }
};
