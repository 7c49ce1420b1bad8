import * as fs from 'fs';
import * as path from 'path';

import { sentences } from './sentences';

const FRENCH = path.join(__dirname, '../../extensions/hdh_lockdown/locale/fr_FR/LC_MESSAGES/hdh_jupyter.json');

type Catalogue = Record<string, string[]>;

const fields = (text: string): string[] => (text.match(/%\d/g) ?? []).sort();

describe('The French catalogue', () => {
  const { '': header, ...french } = JSON.parse(fs.readFileSync(FRENCH, 'utf8')) as Catalogue & { '': object };
  const asked = sentences(path.join(__dirname, '../src'));

  it('has the header without which it is silently ignored', () => {
    expect(header).toEqual({
      domain: 'hdh_jupyter',
      language: 'fr-FR',
      plural_forms: 'nplurals=2; plural=(n > 1);'
    });
  });

  it('has every sentence of the sources, and no other', () => {
    expect(Object.keys(french).sort()).toEqual([...asked.keys()].sort());
  });

  it('has a plural wherever the source has one, and the same fields', () => {
    for (const [sentence, plural] of asked) {
      const translated = french[sentence] ?? [];
      expect([sentence, translated.length]).toEqual([sentence, plural === null ? 1 : 2]);
      for (const text of translated) {
        expect([sentence, fields(text)]).toEqual([sentence, fields(sentence)]);
        expect(text.trim()).not.toBe('');
      }
    }
  });
});
