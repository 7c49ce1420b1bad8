import { ApiError } from '../src/api';
import { IPerson } from '../src/tokens';
import { FakeServer } from './backend';

describe('Backend.request', () => {
  it('asks below the base URL, in the language of the interface', async () => {
    const server = new FakeServer(() => [200, { total: 0 }]);
    const answer = await server.backend.request('hdh-catalogue/search', { query: { q: 'âge & sexe' } });
    expect(answer).toEqual({ total: 0 });
    expect(server.seen[0]).toMatchObject({ method: 'GET', path: 'hdh-catalogue/search', language: 'fr-FR' });
    expect(server.seen[0]?.query.get('q')).toBe('âge & sexe');
  });

  it('posts a body as JSON', async () => {
    const server = new FakeServer(() => [201, {}]);
    await server.backend.request('hdh-egress/stage', { body: { paths: ['results/a.csv'] } });
    expect(server.seen[0]).toMatchObject({ method: 'POST', body: { paths: ['results/a.csv'] } });
  });

  it.each([
    ['00', [404, { code: 'staging.not_found', message: 'Absent.' }], 'staging.not_found', 'Absent.', 404],
    ['01', [502, '<html>Bad gateway</html>'], 'http.502', /cannot be read/, 502],
    ['02', [403, { message: 'no code' }], 'http.403', 'no code', 403],
    ['03', [200, 'not JSON'], 'workspace.unreadable', /cannot be read/, 200],
    ['04', new TypeError('failed to fetch'), 'workspace.unreachable', /does not answer/, 0]
  ] as const)('%s: turns a failure into a code and a sentence', async (_, answer, code, message, status) => {
    const server = new FakeServer(() => (answer instanceof Error ? answer : [answer[0], answer[1]]));
    const error: unknown = await server.backend.request('x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, status });
    expect((error as ApiError).message).toMatch(message);
  });

  it('says of a request that was given up only that', async () => {
    const attempt = new AbortController();
    const server = new FakeServer(() => {
      attempt.abort();
      return [200, {}];
    });
    const error: unknown = await server.backend
      .request('x', { signal: attempt.signal })
      .catch((reason: unknown) => reason);
    expect(error).toBe(attempt.signal.reason);
  });
});

describe('Backend.me', () => {
  const person: IPerson = {
    name: 'camille',
    display_name: 'Camille',
    role: 'lead',
    hub_url: 'http://hdh.localhost:8000/hub/'
  };

  it('asks once', async () => {
    const server = new FakeServer(() => [200, person]);
    const { backend } = server;
    expect(await backend.me()).toEqual(person);
    expect(await backend.me()).toEqual(person);
    expect(server.seen).toHaveLength(1);
  });

  it('asks again after a failure', async () => {
    const answers: [number, unknown][] = [
      [503, { code: 'gateway.away', message: 'Away.' }],
      [200, person]
    ];
    const { backend } = new FakeServer(() => answers.shift() ?? [500, {}]);
    await expect(backend.me()).rejects.toMatchObject({ code: 'gateway.away' });
    expect(await backend.me()).toEqual(person);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//elsewhere', ''])(
    'refuses %p as the address of a portal',
    async hub_url => {
      const { backend } = new FakeServer(() => [200, { ...person, hub_url }]);
      await expect(backend.me()).rejects.toMatchObject({ code: 'workspace.unreadable' });
    }
  );
});
