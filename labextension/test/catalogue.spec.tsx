import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { CatalogueModel } from '../src/catalogue/model';
import { CataloguePanel } from '../src/catalogue/panel';
import { IReadingTargets, ITarget } from '../src/catalogue/reading';
import { IItem, IRecord } from '../src/catalogue/types';
import { Answer, FakeServer, ISeen, settled, trans } from './backend';

const item = (id: string, code: IItem['usable']['code'] = 'not_granted'): IItem => ({
  id,
  title: id.toUpperCase(),
  long_title: null,
  summary: null,
  steward: 'Santé publique France',
  coverage: 'since 2004',
  access: { regime: 'authorisation', label: 'Authorisation' },
  conditions: 'pricing: to be agreed',
  usable: { code, message: code === 'granted' ? 'Granted until 2027-12-31.' : 'Not granted to this project.' }
});

const record: IRecord = {
  ...item('oscour', 'granted'),
  sections: [
    {
      key: 'convention',
      label: { fr: 'Convention', en: 'Agreement' },
      rows: [
        {
          key: 'field.start',
          label: { fr: 'Début', en: 'Start' },
          value: '2004 (to be confirmed)',
          to_confirm: true
        },
        { key: 'field.pricing', label: { fr: 'Tarif', en: 'Pricing' }, value: 'to be agreed', agreed: false }
      ]
    }
  ],
  variables: [{ name: 'dep', type: 'string', label: 'Department', code_lists: [] }],
  sources: []
};

class Targets implements IReadingTargets {
  readonly changed: Signal<IReadingTargets, void> = new Signal<IReadingTargets, void>(this);
  inserted: [string, string][] = [];
  current: string | null = 'analysis.ipynb';

  active(): ITarget | null {
    return this.current === null ? null : this._target(this.current);
  }

  fresh(): ITarget[] {
    return [this._target('Python 3')];
  }

  private _target(name: string): ITarget {
    return {
      name,
      language: 'python',
      insert: code => {
        this.inserted.push([name, code]);
        return Promise.resolve();
      }
    };
  }
}

function serve(search: (seen: ISeen) => Answer | Promise<Answer>): FakeServer {
  return new FakeServer(seen => {
    if (seen.path === 'hdh-catalogue/search') {
      return search(seen);
    }
    return seen.path.endsWith('/snippet') ? [200, { code: 'import pandas' }] : [200, record];
  });
}

const found = (...items: IItem[]): Answer => [200, { total: items.length, message: null, items }];

describe('CatalogueModel', () => {
  it('searches once for a burst of keystrokes', async () => {
    const server = serve(() => found());
    const model = new CatalogueModel(server.backend);
    jest.useFakeTimers();
    try {
      for (const query of ['u', 'ur', 'urg']) {
        model.type(query);
      }
      expect(server.seen).toHaveLength(0);
      jest.runAllTimers();
    } finally {
      jest.useRealTimers();
    }
    await settled();
    expect(server.seen.map(seen => seen.query.get('q'))).toEqual(['urg']);
  });

  it('shows the answer to the last search, whatever comes later', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    const model = new CatalogueModel(serve(() => new Promise(resolve => answers.push(resolve))).backend);
    const first = model.search();
    await settled();
    const second = model.filter(true);
    await settled();
    answers[1]?.(found(item('oscour', 'granted')));
    answers[0]?.(found(item('pmsi')));
    await Promise.all([first, second]);
    expect(model.results?.items.map(({ id }) => id)).toEqual(['oscour']);
    expect(model.loading).toBe(false);
  });

  it('adds the next results behind those shown', async () => {
    const pages: Record<string, IItem[]> = { 0: [item('a')], 1: [item('b')] };
    const server = serve(({ query }) => [
      200,
      { total: 2, message: null, items: pages[query.get('offset') ?? ''] ?? [] }
    ]);
    const model = new CatalogueModel(server.backend);
    await model.search();
    await model.more();
    expect(model.results?.items.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('CataloguePanel', () => {
  let panel: CataloguePanel;
  let targets: Targets;

  const shown = async (search: (seen: ISeen) => Answer | Promise<Answer>): Promise<FakeServer> => {
    const server = serve(search);
    targets = new Targets();
    panel = new CataloguePanel(new CatalogueModel(server.backend), targets, trans, 'en');
    Widget.attach(panel, document.body);
    await settled();
    return server;
  };
  const lines = () => [...panel.node.querySelectorAll<HTMLButtonElement>('.hdh-Catalogue-item')];
  const button = (text: string) => [...panel.node.querySelectorAll('button')].find(node => node.textContent === text);
  const open = async () => {
    lines()[0]?.click();
    await settled();
  };

  afterEach(() => panel.dispose());

  it('lists title, steward, coverage, access and conditions', async () => {
    await shown(() => found(item('oscour', 'granted'), item('pmsi')));
    for (const text of ['OSCOUR', 'Granted', 'Santé publique France', 'since 2004', 'Authorisation', 'to be agreed']) {
      expect(lines()[0]?.textContent).toContain(text);
    }
    expect(panel.node.querySelector('[role="status"]')?.textContent).toBe('2 databases');
  });

  it('asks for what the project may use when that is ticked', async () => {
    const server = await shown(() => found());
    panel.node.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
    await settled();
    expect(server.seen.map(seen => seen.query.get('usable'))).toEqual(['false', 'true']);
  });

  it('goes from line to line with the arrow keys', async () => {
    await shown(() => found(item('a'), item('b')));
    lines()[0]?.focus();
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    press('ArrowDown');
    expect(document.activeElement).toBe(lines()[1]);
    press('ArrowDown');
    expect(document.activeElement).toBe(lines()[1]);
    press('Home');
    expect(document.activeElement).toBe(lines()[0]);
  });

  it('says when nothing matches, and offers the whole catalogue', async () => {
    await shown(({ query }) => (query.get('usable') === 'true' ? found() : found(item('a'))));
    panel.node.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
    await settled();
    expect(panel.node.textContent).toContain('No database that this project may use matches.');
    button('Search the whole catalogue')?.click();
    await settled();
    expect(lines()).toHaveLength(1);
  });

  it('tells an error with its code, and tries again', async () => {
    const answers: Answer[] = [[503, { code: 'catalogue.unavailable', message: 'No catalogue.' }]];
    await shown(() => answers.shift() ?? found(item('a')));
    expect(panel.node.querySelector('[role="alert"]')?.textContent).toContain('catalogue.unavailable');
    button('Try again')?.click();
    await settled();
    expect(lines()).toHaveLength(1);
  });

  it('shows a record: facts, what is to be confirmed or agreed, whether the project may use it', async () => {
    await shown(() => found(item('oscour', 'granted')));
    await open();
    const text = panel.node.textContent;
    for (const part of ['Granted until 2027-12-31.', 'Agreement', 'Pricing', 'dep', 'Department']) {
      expect(text).toContain(part);
    }
    expect(panel.node.querySelector('.hdh-Facts-toConfirm')?.textContent).toBe('2004 (to be confirmed)');
    expect(panel.node.querySelector('.hdh-Badge.hdh-mod-open')?.textContent).toBe('to be agreed');
    expect(document.activeElement?.textContent).toBe('OSCOUR');
    button('Back to the list')?.click();
    await settled();
    expect(document.activeElement).toBe(lines()[0]);
  });

  it('inserts reading code in the active notebook, or in a new one when none is open', async () => {
    const server = await shown(() => found(item('oscour', 'granted')));
    await open();
    button('Insert code')?.click();
    await settled();
    targets.current = null;
    targets.changed.emit();
    await settled();
    expect(button('Insert code')).toBeUndefined();
    button('Python 3')?.click();
    await settled();
    expect(targets.inserted).toEqual([
      ['analysis.ipynb', 'import pandas'],
      ['Python 3', 'import pandas']
    ]);
    expect(server.seen.at(-1)).toMatchObject({ path: 'hdh-catalogue/datasets/oscour/snippet' });
  });
});
