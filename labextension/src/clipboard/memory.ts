/**
 * What was last copied inside the page, by type; it never leaves the page.
 */
export class ClipboardMemory {
  get text(): string {
    return this._data.get('text/plain') ?? '';
  }

  get isEmpty(): boolean {
    return this._data.size === 0;
  }

  keep(data: ReadonlyMap<string, string>): void {
    this._data = data;
  }

  /**
   * Return a copy as an event of pasting carries it.
   */
  transfer(): DataTransfer {
    const transfer = new DataTransfer();
    for (const [type, text] of this._data) {
      transfer.setData(type, text);
    }
    return transfer;
  }

  private _data: ReadonlyMap<string, string> = new Map();
}
