import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/**
 * An error with a sentence for a person, and the stable code that they may quote to support.
 */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/**
 * The sentences for what the server could not say itself.
 */
export interface IFallbackSentences {
  unreachable: string;
  unreadable: string;
}

export interface IConnection {
  settings: ServerConnection.ISettings;
  /** A language tag, `fr-FR`: the interface's, which may differ from the browser's. */
  language: string;
  sentences: IFallbackSentences;
}

export interface IRequest {
  query?: Record<string, string>;
  /** With a body, a POST of JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * Send a request below the workspace's base URL and return the JSON of its answer.
 *
 * @throws ApiError - whatever goes wrong, but for a request that was given up: that is the reason of its signal.
 */
export async function requestAPI<T>(connection: IConnection, endpoint: string, request: IRequest = {}): Promise<T> {
  const { settings, language, sentences } = connection;
  const query = request.query ? URLExt.objectToQueryString(request.query) : '';
  let response: Response;
  let text: string;
  try {
    response = await ServerConnection.makeRequest(
      URLExt.join(settings.baseUrl, endpoint) + query,
      {
        method: request.body === undefined ? 'GET' : 'POST',
        headers: { Accept: 'application/json', 'Accept-Language': language },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal: request.signal
      },
      settings
    );
    text = await response.text();
  } catch {
    request.signal?.throwIfAborted();
    throw new ApiError('workspace.unreachable', sentences.unreachable, 0);
  }
  request.signal?.throwIfAborted();
  const answer = parsed(text);
  if (!response.ok) {
    throw errorOf(answer, response.status, sentences);
  }
  if (answer === undefined) {
    throw new ApiError('workspace.unreadable', sentences.unreadable, response.status);
  }
  return answer as T;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(answer: unknown, status: number, sentences: IFallbackSentences): ApiError {
  if (typeof answer === 'object' && answer !== null && 'message' in answer) {
    // Jupyter's own routes give a sentence without a code.
    const code = 'code' in answer ? String(answer.code) : `http.${status}`;
    return new ApiError(code, String(answer.message), status);
  }
  return new ApiError(`http.${status}`, sentences.unreadable, status);
}
