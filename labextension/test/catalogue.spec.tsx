import { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { CatalogueModel } from '../src/catalogue/model';
import { CataloguePanel } from '../src/catalogue/panel';
import { IReadingTargets, ITarget } from '../src/catalogue/reading';
import { NotebookUse, namesIn } from '../src/catalogue/notebookUse';
import {
  IAccessRequest,
  IItem,
  IRecord,
  ITableVariables,
  IVariableItem,
  SnippetLanguage
} from '../src/catalogue/types';
import { Answer, FakeServer, ISeen, settled, trans } from './backend';

const item = (id: string, code: IItem['usable']['code'] = 'not_granted'): IItem => ({
  kind: 'dataset',
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

const variable: IVariableItem = {
  kind: 'variable',
  dataset: 'oscour',
  dataset_title: 'OSCOUR',
  name: 'BEN_SEX_COD',
  label: 'Sex',
  type: 'string',
  tables: ['A', 'B'],
  table_count: 7,
  years: '2006–2019',
  restricted: false,
  usable: { code: 'granted', message: '' }
};

const theme = (key: string, agreed: boolean): IRecord['convention']['themes'][number] => ({
  key,
  label: { fr: key, en: key },
  agreed,
  summary: agreed ? null : 'to be agreed',
  exclusive_today: null,
  rows: [],
  steps: [],
  prices: agreed ? [{ payer: 'Public research', amount: '0 €' }] : []
});

const record: IRecord = {
  ...item('oscour', 'granted'),
  sections: [
    {
      key: 'content',
      label: { fr: 'Contenu', en: 'Content' },
      rows: [
        {
          key: 'field.start',
          label: { fr: 'Début', en: 'Start' },
          value: '2004 (to be confirmed)',
          to_confirm: true
        }
      ]
    }
  ],
  convention: { status: 'In negotiation', rows: [], themes: [theme('exclusivity', false), theme('pricing', true)] },
  tables: [
    { name: 'A', title: null, description: null, product: null, variables: 1, primary_key: [], foreign_keys: [] },
    { name: 'B', title: 'Beds', description: null, product: null, variables: 3, primary_key: [], foreign_keys: [] }
  ],
  links: [],
  years: {
    first: 2004,
    last: 2026,
    goes_on: true,
    years: [{ year: 2004, variables: null }],
    marks: []
  },
  completeness: { share: 0.5, missing: ['provenance'] },
  citation: { text: 'OSCOUR', bibtex: '@misc{oscour}' },
  sources: []
};

const tableOf = (table: string, name: string): ITableVariables => ({
  table,
  total: 1,
  variables: [
    {
      name,
      type: 'string',
      label: 'Department',
      description: null,
      format: null,
      length: null,
      unit: null,
      nomenclature: null,
      first_year: 2006,
      last_year: null,
      missing_years: [],
      rule: null,
      observation: null,
      restricted: false,
      code_lists: [
        {
          period: null,
          valid_from: '2021-11-04',
          valid_until: null,
          current: true,
          codes: [{ code: '1', label: 'a' }]
        },
        { period: null, valid_from: null, valid_until: '2021-11-03', current: false, codes: [] }
      ]
    }
  ]
});

const request: IAccessRequest = {
  id: 1,
  steward: 'Inserm',
  datasets: ['pmsi'],
  purpose: 'x',
  person: 'ada',
  state: 'sent',
  asked_at: '2026-01-02T03:04:05+00:00',
  comment: ''
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

  language(): SnippetLanguage {
    return 'python';
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
    if (seen.path.endsWith('/suggest')) {
      return [200, { suggestions: ['urgences', 'chirurgie'] }];
    }
    if (seen.path.endsWith('/variables')) {
      return [200, tableOf(seen.query.get('table') ?? '', `dep_${seen.query.get('table') ?? ''}`)];
    }
    if (seen.path === 'hdh/access-requests') {
      return seen.method === 'POST' ? [201, { requests: [request] }] : [200, { requests: [] }];
    }
    return seen.path.endsWith('/snippet') ? [200, { code: 'import pandas' }] : [200, record];
  });
}

const facets = {
  facets: {
    regime: [
      { value: 'open', label: 'Open data', count: 4 },
      { value: 'committee', label: 'Committee', count: 2 }
    ],
    usable: [{ value: 'true', label: 'May use it', count: 1 }],
    result: [
      { value: 'dataset', label: 'Databases', count: 1 },
      { value: 'variable', label: 'Variables', count: 1 }
    ]
  },
  facet_labels: { regime: 'Access regime', usable: 'My project', result: 'Results' }
};

const found = (...items: (IItem | IVariableItem)[]): Answer => [
  200,
  { total: items.length, message: null, items, ...facets }
];

const names = (model: CatalogueModel) =>
  model.results?.items.map(shown => (shown.kind === 'dataset' ? shown.id : shown.name));

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
    expect(server.seen.map(seen => [seen.path, seen.query.get('q')])).toEqual([
      ['hdh-catalogue/search', 'urg'],
      ['hdh-catalogue/suggest', 'urg']
    ]);
    expect(model.suggestions).toEqual(['urgences', 'chirurgie']);
  });

  it('shows the answer to the last search, whatever comes later', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    const model = new CatalogueModel(serve(() => new Promise(resolve => answers.push(resolve))).backend);
    const first = model.search();
    await settled();
    const second = model.limit({ facet: 'usable', value: 'true', label: 'Mine' }, true);
    await settled();
    answers[1]?.(found(item('oscour', 'granted')));
    answers[0]?.(found(item('pmsi')));
    await Promise.all([first, second]);
    expect(names(model)).toEqual(['oscour']);
    expect(model.loading).toBe(false);
  });

  it('adds the next results behind those shown', async () => {
    const pages: Record<string, IItem[]> = { 0: [item('a')], 1: [item('b')] };
    const server = serve(({ query }) => [
      200,
      { total: 2, message: null, ...facets, items: pages[query.get('offset') ?? ''] ?? [] }
    ]);
    const model = new CatalogueModel(server.backend);
    await model.search();
    await model.more();
    expect(names(model)).toEqual(['a', 'b']);
  });
});

describe('CataloguePanel', () => {
  let panel: CataloguePanel;
  let targets: Targets;

  const shown = async (search: (seen: ISeen) => Answer | Promise<Answer>): Promise<FakeServer> => {
    const server = serve(search);
    targets = new Targets();
    const model = new CatalogueModel(server.backend);
    const main = { showMatrix: jest.fn(), showRecord: jest.fn() };
    panel = new CataloguePanel(model, new NotebookUse(noNotebook(), model), targets, main, trans, 'en');
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
    expect(server.seen.map(seen => seen.query.getAll('facet'))).toEqual([[], ['usable:true']]);
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
    await shown(({ query }) => (query.get('facet') === 'usable:true' ? found() : found(item('a'))));
    panel.node.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
    await settled();
    expect(panel.node.textContent).toContain('Nothing that this project may use matches.');
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
    for (const part of ['Granted until 2027-12-31.', 'Covered since 2004, and goes on', 'Not known yet: provenance']) {
      expect(panel.node.textContent).toContain(part);
    }
    expect(panel.node.querySelector('.hdh-Rows-toConfirm')?.textContent).toBe('2004 (to be confirmed)');
    expect(panel.node.querySelector('.hdh-Years svg')?.getAttribute('aria-label')).toContain('since 2004');
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

  it('shows the convention: what is agreed with its prices, and what is open as such', async () => {
    await shown(() => found(item('oscour', 'granted')));
    await open();
    button('Conditions')?.click();
    await settled();
    expect(panel.node.querySelector('[data-theme="exclusivity"] .hdh-mod-open')?.textContent).toBe('to be agreed');
    expect(panel.node.querySelector('[data-theme="pricing"] td')?.textContent).toBe('Public research');
  });

  it('goes from tab to tab with the arrows, all around', async () => {
    await shown(() => found(item('oscour', 'granted')));
    await open();
    button('Record')?.focus();
    const press = async (key: string) => {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await settled();
    };
    await press('ArrowLeft');
    expect(document.activeElement?.textContent).toBe('Citing');
    expect(panel.node.querySelector('.hdh-BibTeX')?.textContent).toBe('@misc{oscour}');
    await press('ArrowRight');
    expect(document.activeElement?.textContent).toBe('Record');
    expect(document.activeElement?.getAttribute('aria-selected')).toBe('true');
  });

  it('lists variables beside databases, and opens one in its table with every version of its codes', async () => {
    const server = await shown(() => found(item('pmsi'), variable));
    expect(lines()[1]?.textContent).toContain('in 7 tables');
    lines()[1]?.click();
    await settled();
    expect(server.seen.at(-1)?.query.get('table')).toBe('A');
    expect(panel.node.querySelector('.hdh-Variables li')?.textContent).toContain('dep_A');
    const lists = panel.node.querySelectorAll<HTMLDetailsElement>('.hdh-CodeList');
    expect([...lists].map(list => list.open)).toEqual([true, false]);
    expect(lists[0]?.textContent).toContain('since November 4, 2021');
  });

  it('inserts code for the variables that are chosen', async () => {
    const server = await shown(() => found(variable));
    lines()[0]?.click();
    await settled();
    panel.node.querySelector<HTMLInputElement>('.hdh-Variables input')?.click();
    await settled();
    button('Insert code for 1 variable')?.click();
    await settled();
    expect(server.seen.at(-1)?.query.get('variables')).toBe('dep_A');
  });

  it('limits the search by a facet, says so in a chip, and takes it away again', async () => {
    const server = await shown(() => found(item('a')));
    panel.node.querySelector<HTMLInputElement>('.hdh-Facet input')?.click();
    await settled();
    expect(server.seen.at(-1)?.query.getAll('facet')).toEqual(['regime:open']);
    const chip = panel.node.querySelector<HTMLElement>('.hdh-Chip');
    expect(chip?.getAttribute('aria-label')).toBe('Remove the condition: Access regime : Open data');
    chip?.click();
    await settled();
    expect(server.seen.at(-1)?.query.getAll('facet')).toEqual([]);
    expect(panel.node.querySelector('.hdh-Chip')).toBeNull();
  });

  it('takes a suggestion with the keyboard', async () => {
    const server = await shown(() => found(item('a')));
    const box = panel.node.querySelector<HTMLInputElement>('input[type="search"]');
    panel.model.type('ur');
    await new Promise(resolve => setTimeout(resolve, 200));
    await settled();
    expect(box?.getAttribute('aria-expanded')).toBe('true');
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) {
      box?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await settled();
    }
    expect(server.seen.at(-1)?.query.get('q')).toBe('chirurgie ');
    expect(box?.getAttribute('aria-expanded')).toBe('false');
  });

  it('asks for access through a basket, once the purpose is told', async () => {
    const server = await shown(() => found(item('pmsi')));
    record.usable.code = 'not_granted';
    await open();
    button('Request access')?.click();
    await settled();
    record.usable.code = 'granted';
    button('In the basket: see the request')?.click();
    await settled();
    expect(button('Send 1 request')?.disabled).toBe(true);
    panel.model.basket.write('Because we study emergency visits.');
    await settled();
    button('Send 1 request')?.click();
    await settled();
    expect(server.seen.at(-1)).toMatchObject({
      method: 'POST',
      path: 'hdh/access-requests',
      body: { datasets: ['oscour'], purpose: 'Because we study emergency visits.' }
    });
    expect(panel.node.textContent).toContain('1 request is sent to its steward.');
    expect(panel.node.querySelector('.hdh-Basket-requests')?.textContent).toContain('awaiting an answer');
  });
});

describe('The names in a notebook', () => {
  it('are folders below /data first, then words that look like ids', () => {
    expect(namesIn('import pandas as pd\nx = pd.read_csv("/data/snds-dcir/a.csv")  # and oscour')).toEqual([
      'snds-dcir',
      'import',
      'pandas',
      'oscour'
    ]);
  });
});

function noNotebook(): INotebookTracker {
  const nothing = {};
  return {
    currentWidget: null,
    currentChanged: new Signal<object, null>(nothing)
  } as unknown as INotebookTracker;
}
