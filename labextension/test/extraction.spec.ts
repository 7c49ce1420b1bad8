import { ExtractionModel, IWorkspaceFiles } from '../src/extraction/model';
import { groups } from '../src/extraction/findings';
import { IFinding, IReport } from '../src/extraction/types';
import { Answer, FakeServer, ISeen, settled } from './backend';

const finding = (file: string, changes: Partial<IFinding> = {}): IFinding => ({
  rule: 'counts.small_cell',
  severity: 'block',
  file,
  where: 'Row 17',
  message: '2 counts from 1 to 10.',
  why: 'They point to people.',
  remedy: 'Merge groups.',
  ...changes
});

const report = (names: readonly string[]): IReport => ({
  verdict: names.includes('small.csv') ? 'block' : 'pass',
  files: names.map(name => ({
    name,
    size: 10,
    kind: 'csv',
    verdict: name === 'small.csv' ? 'block' : 'pass',
    releasable: name !== 'small.csv'
  })),
  findings: names.filter(name => name === 'small.csv').map(name => finding(name))
});

const workspace = (saved: string[][] = []): IWorkspaceFiles => ({
  save: paths => {
    saved.push([...paths]);
    return Promise.resolve();
  },
  offered: () => Promise.resolve(['results/a.csv', 'results/b.png'])
});

function serving(changes: Record<string, (seen: ISeen) => Answer | Promise<Answer>> = {}): FakeServer {
  const routes: typeof changes = {
    'hdh-egress/check': seen => [200, report((seen.body as { paths: string[] }).paths)],
    'hdh-egress/stage': () => [201, { staging: 'f'.repeat(32), files: [] }],
    'hdh/egress/drafts': () => [201, { id: 7, url: 'http://hdh.localhost:8000/hub/egress/requests/7' }],
    ...changes
  };
  return new FakeServer(seen => routes[seen.path]?.(seen) ?? [404, {}]);
}

describe('ExtractionModel', () => {
  it('says at once that more files are chosen than a request may hold, and asks nothing', async () => {
    const server = serving();
    const model = new ExtractionModel(server.backend, workspace());
    const names = Array.from({ length: 21 }, (_, index) => `${index}.csv`);
    await model.add(names);
    model.entitle('Too much');
    expect([model.tooMany, model.ready, model.phase]).toEqual([true, false, 'choosing']);
    expect(server.seen).toEqual([]);
    await model.remove('0.csv');
    expect([model.tooMany, model.ready, model.phase]).toEqual([false, true, 'checked']);
  });

  it('goes from the files to the draft', async () => {
    const saved: string[][] = [];
    const server = serving();
    const model = new ExtractionModel(server.backend, workspace(saved));
    const phases = new Set([model.phase]);
    model.changed.connect(() => phases.add(model.phase));

    await model.add(['a.csv', 'b.csv', 'a.csv']);
    expect(model.files).toEqual(['a.csv', 'b.csv']);
    expect(saved).toEqual([['a.csv', 'b.csv']]);
    expect(model.ready).toBe(false);
    model.entitle('  Weekly visits ');
    expect(model.ready).toBe(true);
    await model.prepare();

    expect([...phases]).toEqual(['choosing', 'checking', 'checked', 'preparing', 'prepared']);
    expect(model.draft?.id).toBe(7);
    expect(server.seen.map(seen => [seen.path, seen.body])).toEqual([
      ['hdh-egress/check', { paths: ['a.csv', 'b.csv'] }],
      ['hdh-egress/stage', { paths: ['a.csv', 'b.csv'] }],
      ['hdh/egress/drafts', { staging: 'f'.repeat(32), title: 'Weekly visits' }]
    ]);
  });

  it('prepares nothing without a title, without files or with a failed check', async () => {
    const server = serving({ 'hdh-egress/check': () => [500, { code: 'staging.check_failed', message: 'Broken.' }] });
    const model = new ExtractionModel(server.backend, workspace());
    await model.prepare();
    await model.add(['a.csv']);
    model.entitle('A title');
    expect(model.error?.code).toBe('staging.check_failed');
    await model.prepare();
    expect(server.seen.map(seen => seen.path)).toEqual(['hdh-egress/check']);
  });

  it('checks the files as they are now, whatever an earlier check still answers', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    const server = serving({ 'hdh-egress/check': () => new Promise<Answer>(resolve => answers.push(resolve)) });
    const model = new ExtractionModel(server.backend, workspace());
    const first = model.add(['small.csv']);
    await settled();
    const second = model.remove('small.csv').then(() => model.add(['a.csv']));
    await settled();
    answers[1]?.([200, report(['a.csv'])]);
    answers[0]?.([200, report(['small.csv'])]);
    await Promise.all([first, second]);
    expect(model.phase).toBe('checked');
    expect(model.report?.files.map(file => file.name)).toEqual(['a.csv']);
  });

  it('knows which files are stuck and what was found in each', async () => {
    const model = new ExtractionModel(serving().backend, workspace());
    await model.add(['a.csv', 'small.csv']);
    expect(model.stuck.map(file => file.name)).toEqual(['small.csv']);
    expect(model.findingsOf('a.csv')).toEqual([]);
    expect(model.findingsOf('small.csv')).toHaveLength(1);
    await model.remove('small.csv');
    expect(model.stuck).toEqual([]);
  });

  it('keeps the checks when the draft fails, so that it can be tried again', async () => {
    let away = true;
    const server = serving({
      'hdh/egress/drafts': () =>
        away ? [503, { code: 'gateway.away', message: 'Away.' }] : [201, { id: 8, url: 'http://h/8' }]
    });
    const model = new ExtractionModel(server.backend, workspace());
    await model.add(['a.csv']);
    model.entitle('A title');
    await model.prepare();
    expect(model).toMatchObject({ phase: 'checked', draft: null });
    expect(model.error?.code).toBe('gateway.away');
    expect(model.report).not.toBeNull();
    away = false;
    await model.retry();
    expect(model.draft?.id).toBe(8);
  });

  it('says when an open notebook cannot be saved, and checks nothing', async () => {
    const { ApiError } = await import('../src/api');
    const server = serving();
    const model = new ExtractionModel(server.backend, {
      ...workspace(),
      save: () => Promise.reject(new ApiError('workspace.unsaved', 'Not saved.', 0))
    });
    await model.add(['a.ipynb']);
    expect(model.error?.code).toBe('workspace.unsaved');
    expect(server.seen).toEqual([]);
  });
});

describe('groups', () => {
  it('puts one reason together and the gravest first', () => {
    const found = [
      finding('a', { severity: 'info', rule: 'i', message: 'i' }),
      finding('a', { where: 'Row 1' }),
      finding('a', { severity: 'review', rule: 'r', message: 'r' }),
      finding('a', { where: 'Row 2' })
    ];
    expect(groups(found).map(group => [group[0]?.severity, group.length])).toEqual([
      ['block', 2],
      ['review', 1],
      ['info', 1]
    ]);
  });
});
