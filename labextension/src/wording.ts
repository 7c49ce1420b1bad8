import { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { DOMAIN } from './tokens';

const STEP = 1024;

/**
 * Sentences, sizes and times in the interface's language, which the browser's may differ from.
 */
export class Wording {
  constructor(translator: ITranslator) {
    this.trans = translator.load(DOMAIN);
    this._language = translator.languageCode.replace('_', '-');
  }

  readonly trans: TranslationBundle;

  /**
   * Return a size as people read it.
   *
   * @param bytes - Any number; negative or unknown ones count as zero.
   */
  size(bytes: number): string {
    const { trans } = this;
    const size = Number.isFinite(bytes) ? Math.max(0, bytes) : 0;
    if (size < STEP) {
      return trans._n('%1 byte', '%1 bytes', Math.round(size));
    }
    if (size < STEP ** 2) {
      return trans.__('%1 KiB', this.number(size / STEP));
    }
    return size < STEP ** 3
      ? trans.__('%1 MiB', this.number(size / STEP ** 2))
      : trans.__('%1 GiB', this.number(size / STEP ** 3));
  }

  /**
   * Return a volume of data as the portal writes it and its budgets are set: in decimal units.
   *
   * @param bytes - Any number; negative or unknown ones count as zero.
   */
  volume(bytes: number): string {
    const { trans } = this;
    const size = Number.isFinite(bytes) ? Math.max(0, bytes) : 0;
    if (size < 1000) {
      return trans._n('%1 byte', '%1 bytes', Math.round(size));
    }
    if (size < 1e6) {
      return trans.__('%1 kB', this.number(size / 1e3));
    }
    return size < 1e9 ? trans.__('%1 MB', this.number(size / 1e6)) : trans.__('%1 GB', this.number(size / 1e9));
  }

  /** Return a number with a digit after the point where it is small enough for that to tell something. */
  number(value: number): string {
    return new Intl.NumberFormat(this._language, { maximumFractionDigits: value < 100 ? 1 : 0 }).format(value);
  }

  /** Return a share, from 0 to 1, in hundredths. */
  percent(share: number): string {
    return new Intl.NumberFormat(this._language, { style: 'percent' }).format(share);
  }

  /**
   * Return the time of the day, with the day when it is another one; what is no time as it is.
   */
  moment(iso: string, now = new Date()): string {
    const date = new Date(iso);
    if (Number.isNaN(date.getTime())) {
      return iso;
    }
    const day: Intl.DateTimeFormatOptions =
      date.toDateString() === now.toDateString() ? {} : { day: 'numeric', month: 'long' };
    return new Intl.DateTimeFormat(this._language, { hour: '2-digit', minute: '2-digit', ...day }).format(date);
  }

  private readonly _language: string;
}
