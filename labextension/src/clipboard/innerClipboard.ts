import { Clipboard } from '@jupyterlab/apputils';

import { ClipboardMemory } from './memory';

/**
 * Stands in for the browser's `navigator.clipboard`, which a frame of another origin may not use.
 *
 * JupyterLab's commands for cells, paths and terminals read and write text there; here they meet the page's memory,
 * and what they write takes the way of every copy, through the guard.
 */
export class InnerClipboard extends EventTarget {
  constructor(private readonly _memory: ClipboardMemory) {
    super();
  }

  writeText(text: string): Promise<void> {
    this._memory.keep(new Map([['text/plain', text]]));
    Clipboard.copyToSystem(text);
    return Promise.resolve();
  }

  readText(): Promise<string> {
    return this._memory.isEmpty
      ? Promise.reject(new DOMException('Nothing was copied in the workspace yet', 'NotAllowedError'))
      : Promise.resolve(this._memory.text);
  }
}
