// An OpenID Connect provider whose people answer by themselves. Its settings are the one line of standard input; what
// its people do next is posted to /test, as JSON. It ends with its standard input.
import http from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit());

lines.once('line', (line) => {
  const settings = JSON.parse(line);
  const people = { person: 'ann', acr: undefined, amr: undefined, removed: [], claims: {}, error: undefined };
  let callback;

  async function findAccount(_ctx, id) {
    if (people.removed.includes(id)) return undefined;
    const standard = { preferred_username: id, name: `${id} of the provider`, email: `${id}@example.org`, email_verified: true };
    return { accountId: id, claims: async () => ({ ...standard, ...people.claims[id], sub: id }) };
  }

  function open(keys, takesClaims, basic) {
    const provider = new Provider(settings.issuer, {
      clients: [
        {
          client_id: settings.client_id,
          client_secret: settings.client_secret,
          token_endpoint_auth_method: basic ? 'client_secret_basic' : 'client_secret_post',
          redirect_uris: settings.redirect_uris,
          post_logout_redirect_uris: settings.post_logout_redirect_uris,
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      jwks: { keys },
      cookies: { keys: ['a key of the tests'] },
      acrValues: ['urn:example:one', 'urn:example:two'],
      claims: { openid: ['sub', 'acr', 'amr', 'groups', 'roles'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
      features: { claimsParameter: { enabled: takesClaims }, devInteractions: { enabled: false } },
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      issueRefreshToken: async () => people.refresh !== false,
      rotateRefreshToken: true,
      pkce: { required: () => true },
      findAccount,
      loadExistingGrant: async (ctx) => {
        const { client, session, provider: own, params } = ctx.oidc;
        const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope(params.scope);
        grant.addOIDCClaims(['acr', 'amr']);
        await grant.save();
        return grant;
      },
    });
    provider.proxy = true;
    provider.on('server_error', (_ctx, error) => console.error(error));
    const app = provider.callback();
    callback = async (request, response) => {
      if (!request.url.startsWith('/interaction/')) return app(request, response);
      const login = { accountId: people.person, acr: people.acr ?? undefined, amr: people.amr ?? undefined, remember: false };
      return provider.interactionFinished(request, response, people.error ? { error: people.error } : { login });
    };
  }

  open(settings.keys, true, false);
  const server = http.createServer(async (request, response) => {
    if (request.url !== '/test') return callback(request, response);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { keys, takesClaims, basic, ...changes } = JSON.parse(Buffer.concat(chunks));
    Object.assign(people, changes);
    if (keys) open(keys, takesClaims ?? true, basic ?? false);
    return response.end();
  });
  server.listen(settings.port, '127.0.0.1', () => console.log('ready'));
});
