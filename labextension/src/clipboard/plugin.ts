import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { DOMAIN, IBackend, ICopyPolicy } from '../tokens';
import { ClipboardGuard, ICopy } from './guard';
import { InnerClipboard } from './innerClipboard';
import { ClipboardMemory } from './memory';

const CLOSED: ICopyPolicy = { mode: 'off', limit: 0 };
const ASK_AGAIN = 5_000;
const SHOWN = 6_000;

/**
 * Keeps copies inside the workspace's page, as far as the policy says.
 */
export const clipboardPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:clipboard',
  description: 'Keeps what is copied inside the page; the computer’s clipboard receives what the policy allows.',
  autoStart: true,
  requires: [IBackend, ITranslator],
  activate: (_: JupyterFrontEnd, backend: IBackend, translator: ITranslator) => {
    const trans = translator.load(DOMAIN);
    const memory = new ClipboardMemory();
    let policy = CLOSED;
    let explained = false;

    const learn = async (): Promise<void> => {
      try {
        policy = (await backend.me()).policy?.copy ?? CLOSED;
      } catch {
        // Closed until the gateway says otherwise.
        setTimeout(() => void learn(), ASK_AGAIN);
      }
    };
    const tell = ({ kind, characters, left }: ICopy): void => {
      if (left) {
        // The record is the gateway's to keep; a copy is not undone because it could not be told.
        void backend.request('hdh/copied', { body: { characters, kind } }).catch(() => undefined);
      } else if (policy.mode === 'limited') {
        Notification.info(
          trans._n(
            'Copied inside the workspace. Other programs receive at most %1 character at a time.',
            'Copied inside the workspace. Other programs receive at most %1 characters at a time.',
            policy.limit
          ),
          { autoClose: SHOWN }
        );
      } else if (!explained) {
        explained = true;
        Notification.info(
          trans.__(
            'Copied inside the workspace: paste it anywhere in JupyterLab. Other programs on your computer receive nothing.'
          ),
          { autoClose: SHOWN }
        );
      }
    };
    new ClipboardGuard(memory, () => policy, tell);
    Object.defineProperty(navigator, 'clipboard', { value: new InnerClipboard(memory), configurable: true });
    void learn();
  }
};
