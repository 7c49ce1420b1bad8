import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { sealedIcon } from '../icons';
import { IBackend } from '../tokens';
import { Wording } from '../wording';
import { SealedGuide } from './guide';
import { SealedStatus } from './sealedStatus';

const ABOUT = 'hdh-workspace:about';

/**
 * Says that the workspace is sealed, and what that means.
 */
export const sealedPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:sealed',
  description: 'Says in the status bar that the workspace is sealed, and explains what leaves and how.',
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
    const { commands } = app;
    commands.addCommand(ABOUT, {
      label: trans.__('About this sealed workspace'),
      caption: trans.__('What leaves this workspace, and how'),
      icon: sealedIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () =>
        showDialog({
          title: trans.__('A sealed workspace'),
          body: new SealedGuide(backend, wording, app.version),
          buttons: [Dialog.okButton({ label: trans.__('Understood') })]
        })
    });
    palette?.addItem({ command: ABOUT, category: trans.__('Health data') });
    statusBar?.registerStatusItem(sealedPlugin.id, {
      item: new SealedStatus(trans, () => void commands.execute(ABOUT)),
      align: 'left',
      rank: 200,
      isActive: () => true
    });
  }
};
