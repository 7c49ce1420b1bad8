import { nullTranslator } from '@jupyterlab/translation';

import { Wording } from '../src/wording';

const wording = new Wording(nullTranslator);

describe('A volume is in decimal units, a size in binary ones', () => {
  it.each([
    [0, '0 bytes', '0 bytes'],
    [1, '1 byte', '1 byte'],
    [1_500, '1.5 kB', '1.5 KiB'],
    [200e6, '200 MB', '191 MiB'],
    [1.5e9, '1.5 GB', '1.4 GiB'],
    [-1, '0 bytes', '0 bytes'],
    [NaN, '0 bytes', '0 bytes']
  ])('%d', (bytes, volume, size) => {
    expect([wording.volume(bytes), wording.size(bytes)]).toEqual([volume, size]);
  });
});
