import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import { Backend } from '../src/backend';

export const trans = nullTranslator.load('hdh_jupyter');

/** An answer of the faked server: a status with a body, or a failure of the network. */
export type Answer = [status: number, body: unknown] | Error;

/** A request as the faked server saw it. */
export interface ISeen {
  method: string;
  path: string;
  query: URLSearchParams;
  language: string | null;
  body: unknown;
}

/**
 * A server that is faked at one seam, the `fetch` of the connection: everything above it is the real thing.
 */
export class FakeServer {
  readonly seen: ISeen[] = [];

  constructor(private readonly _answer: (request: ISeen) => Answer | Promise<Answer>) {}

  get backend(): Backend {
    return new Backend(this._settings(), 'fr_FR', trans);
  }

  private _settings(): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: 'http://prj-x.hdh.localhost:8000/user/prj-x/',
      appendToken: false,
      token: '',
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const url = new URL(request.url);
        const text = await request.text();
        const seen: ISeen = {
          method: request.method,
          path: url.pathname.replace('/user/prj-x/', ''),
          query: url.searchParams,
          language: request.headers.get('Accept-Language'),
          body: text ? (JSON.parse(text) as unknown) : undefined
        };
        this.seen.push(seen);
        const answer = await this._answer(seen);
        request.signal.throwIfAborted();
        if (answer instanceof Error) {
          throw answer;
        }
        const [status, body] = answer;
        return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
      }
    });
  }
}

/**
 * Let everything that was started go on until nothing is left to do at once.
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => setTimeout(resolve, 0));
  }
}
