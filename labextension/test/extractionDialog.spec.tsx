import { Widget } from '@lumino/widgets';

import { ExtractionDialog } from '../src/extraction/dialog';
import { ExtractionModel } from '../src/extraction/model';
import { IFinding, IReport } from '../src/extraction/types';
import { Answer, FakeServer, settled, trans } from './backend';

const REPORT: IReport = {
  verdict: 'block',
  files: [
    { name: 'analysis.ipynb', size: 2048, kind: 'notebook', verdict: 'block', releasable: true },
    { name: 'results/a.csv', size: 12, kind: 'csv', verdict: 'pass', releasable: true }
  ],
  findings: [
    {
      rule: 'counts.small_cell',
      severity: 'block',
      file: 'analysis.ipynb',
      where: 'Cell 3, output 1, row 14',
      message: '1 count from 1 to 10.',
      why: 'It points to people.',
      remedy: 'Merge groups.'
    }
  ]
};

const TABLE: IReport = {
  verdict: 'block',
  files: [{ name: 'results/small.csv', size: 12, kind: 'csv', verdict: 'block', releasable: false }],
  findings: [{ ...(REPORT.findings[0] as IFinding), file: 'results/small.csv', where: 'Row 3' }]
};

const PROPOSALS = {
  proposals: [
    { id: 'suppress', message: 'Hide cells.', cells_lost: 1, information_lost: 0.034 },
    { id: 'round-5', message: 'Round to 5.', cells_lost: 12, information_lost: 0.2 }
  ],
  reason: null
};

const DRAFT_URL = 'http://hdh.localhost:8000/hub/egress/requests/7';

function answering(check: () => Answer): FakeServer {
  return new FakeServer(({ path }) => {
    switch (path) {
      case 'hdh-egress/check':
        return check();
      case 'hdh-egress/stage':
        return [201, { staging: '0'.repeat(32) }];
      default:
        return [201, { id: 7, url: DRAFT_URL }];
    }
  });
}

async function opened(check: () => Answer = () => [200, REPORT]): Promise<ExtractionDialog> {
  const model = new ExtractionModel(answering(check).backend, {
    save: () => Promise.resolve(),
    offered: () => Promise.resolve(['results/a.csv', 'results/b.csv'])
  });
  const dialog = new ExtractionDialog(model, 'researcher', trans);
  void dialog.launch();
  await Promise.all([model.lookAround(), model.add(['analysis.ipynb', 'results/a.csv'])]);
  await settled();
  return dialog;
}

const button = (dialog: Widget, text: string): HTMLButtonElement | undefined =>
  [...dialog.node.querySelectorAll('button')].find(
    node => node.textContent === text || node.getAttribute('aria-label') === text
  );

const type = (input: HTMLInputElement, text: string): void => {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text);
  input.dispatchEvent(new Event('input', { bubbles: true }));
};

describe('ExtractionDialog', () => {
  let dialog: ExtractionDialog;

  afterEach(() => dialog.reject());

  it('shows findings file by file: where, why, what to do, and what the notebook loses', async () => {
    dialog = await opened();
    const [notebook, table] = dialog.node.querySelectorAll('.hdh-File');
    expect(notebook?.textContent).toContain('Leaves in part');
    for (const text of ['Cell 3, output 1, row 14', 'It points to people.', 'Merge groups.', 'without attachments']) {
      expect(notebook?.textContent).toContain(text);
    }
    expect(notebook?.querySelector('.hdh-Findings-losses li')?.textContent).toBe('Cell 3, output 1');
    expect(table?.textContent).toContain('Nothing found');
    expect(table?.querySelector('.hdh-Finding')).toBeNull();
  });

  it('offers to add what is not chosen yet', async () => {
    dialog = await opened();
    expect(button(dialog, 'Add results/a.csv')).toBeUndefined();
    button(dialog, 'Add results/b.csv')?.click();
    await settled();
    expect(dialog.model.files).toContain('results/b.csv');
  });

  it('removes a file', async () => {
    dialog = await opened();
    button(dialog, 'Remove analysis.ipynb')?.click();
    await settled();
    expect(dialog.model.files).toEqual(['results/a.csv']);
  });

  it('prepares the draft once it has a title, and has the portal open it', async () => {
    const told = jest.spyOn(window.parent, 'postMessage').mockImplementation(() => undefined);
    dialog = await opened();
    const submit = button(dialog, 'Prepare draft');
    expect(submit?.disabled).toBe(true);
    type(dialog.node.querySelector('input') as HTMLInputElement, 'Weekly visits');
    await settled();
    expect(submit?.disabled).toBe(false);
    dialog.node.querySelector('form')?.requestSubmit();
    await settled();
    button(dialog, 'Open the draft in the portal')?.click();
    expect(told.mock.calls).toEqual([[{ hdh: 'request', request: 7 }, 'http://hdh.localhost:8000']]);
    told.mockRestore();
    expect(dialog.node.textContent).toContain(DRAFT_URL);
    expect(dialog.node.textContent).toContain('The project lead opens the draft');
  });

  it('lets Enter in the title submit: no other button of the form answers to it', async () => {
    dialog = await opened();
    const buttons = [...(dialog.node.querySelector('form')?.querySelectorAll('button') ?? [])];
    expect(buttons.filter(node => node.type === 'submit').map(node => node.textContent)).toEqual(['Prepare draft']);
    const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
    dialog.node.querySelector('input')?.dispatchEvent(enter);
    expect(enter.defaultPrevented).toBe(false);
    expect(dialog.isDisposed).toBe(false);
  });

  it('closes on Escape, which gives up what is under way', async () => {
    dialog = await opened();
    dialog.node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await settled();
    expect(dialog.isDisposed).toBe(true);
    expect(dialog.model.isDisposed).toBe(true);
  });

  it('tells an error with its code, and tries again', async () => {
    const answers: Answer[] = [[504, { code: 'staging.check_timed_out', message: 'Too slow.' }]];
    dialog = await opened(() => answers.shift() ?? [200, REPORT]);
    const problem = dialog.node.querySelector('[role="alert"]');
    expect(problem?.textContent).toContain('Too slow.');
    expect(problem?.textContent).toContain('staging.check_timed_out');
    button(dialog, 'Try again')?.click();
    await settled();
    expect(dialog.node.querySelector('[role="alert"]')).toBeNull();
    expect(dialog.node.querySelectorAll('.hdh-File .hdh-Badge').length).toBeGreaterThan(0);
  });

  describe('A table that cannot leave', () => {
    const answers = (path: string, protect: Answer): Answer => {
      switch (path) {
        case 'hdh-egress/remedies':
          return [200, PROPOSALS];
        case 'hdh-egress/protect':
          return protect;
        default:
          return [200, TABLE];
      }
    };

    async function protecting(protect: Answer): Promise<FakeServer> {
      const server = new FakeServer(({ path }) => answers(path, protect));
      const model = new ExtractionModel(server.backend, {
        save: () => Promise.resolve(),
        offered: () => Promise.resolve([])
      });
      dialog = new ExtractionDialog(model, 'lead', trans);
      void dialog.launch();
      await model.add(['results/small.csv']);
      await settled();
      button(dialog, 'Protect this table…')?.click();
      await settled();
      return server;
    }

    it('shows the ways to protect it and what each costs, and puts a copy in its place, which can be undone', async () => {
      const server = await protecting([201, { path: 'results/small_protected.csv' }]);
      expect([...dialog.node.querySelectorAll('.hdh-Remedy')].map(node => node.textContent)).toEqual([
        'Hide cells. ',
        'Round to 5. '
      ]);
      dialog.node.querySelectorAll<HTMLInputElement>('.hdh-Remedy input')[1]?.click();
      await settled();
      button(dialog, 'Use a protected copy')?.click();
      await settled();
      const asked = server.seen.find(({ path }) => path === 'hdh-egress/protect');
      expect(asked?.body).toEqual({ path: 'results/small.csv', remedies: ['round-5'] });
      expect(dialog.model.files).toEqual(['results/small_protected.csv']);
      expect(dialog.node.textContent).toContain('Protected copy of results/small.csv.');
      button(dialog, 'Put the original back')?.click();
      await settled();
      expect(dialog.model.files).toEqual(['results/small.csv']);
    });

    it('says why no copy could be made, and keeps the file', async () => {
      await protecting([409, { code: 'staging.not_protected', message: 'No way to keep the totals.' }]);
      button(dialog, 'Use a protected copy')?.click();
      await settled();
      expect(dialog.node.textContent).toContain('No way to keep the totals.');
      expect(dialog.model.files).toEqual(['results/small.csv']);
    });
  });
});
