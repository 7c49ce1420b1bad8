import { Token } from '@lumino/coreutils';
import { ISignal } from '@lumino/signaling';

import { IRequest } from './api';

/**
 * The translation domain of every sentence of this extension.
 */
export const DOMAIN = 'hdh_jupyter';

/**
 * Who is signed in, as the gateway knows them.
 */
export interface IPerson {
  name: string;
  display_name: string;
  /** Null for somebody who is in the workspace without being in the project. */
  role: 'researcher' | 'lead' | null;
  /** The portal's address. */
  hub_url: string;
  /** Missing where no policy is known, which closes what it would open. */
  policy?: IPolicy;
}

/**
 * What the platform allows in this workspace.
 */
export interface IPolicy {
  copy?: ICopyPolicy;
  terminals?: boolean;
}

/**
 * What may go from the workspace's page to the computer's clipboard.
 */
export interface ICopyPolicy {
  mode: 'off' | 'limited' | 'on';
  /** The longest text, characters, where it is limited. */
  limit: number;
}

/**
 * What answers below the workspace's base URL.
 */
export interface IBackend {
  /**
   * Send a request and return the JSON of its answer.
   *
   * @throws ApiError
   */
  request<T>(endpoint: string, request?: IRequest): Promise<T>;

  /**
   * Return who is signed in.
   *
   * @throws ApiError - among others where no gateway stands before the workspace.
   */
  me(): Promise<IPerson>;
}

export const IBackend = new Token<IBackend>(
  '@hdh/jupyter-labextension:IBackend',
  'Requests to the workspace and to the gateway before it.'
);

/**
 * Requests to take files out of the workspace.
 */
export interface IExtraction {
  /**
   * Open the dialog with these files chosen.
   *
   * @param paths - Relative to the home folder.
   */
  open(paths: readonly string[]): Promise<void>;
}

export const IExtraction = new Token<IExtraction>(
  '@hdh/jupyter-labextension:IExtraction',
  'Requests to take files out of the workspace.'
);

/**
 * How the workspace can be reached: `cut` when the traffic's budget is spent, `no_access` when the person lost access,
 * `signed_out` when their session ended, `closed` when the workspace does not run.
 */
export type Reach = 'open' | 'cut' | 'no_access' | 'signed_out' | 'closed' | 'unreachable';

/**
 * The page's link with the workspace, as the gateway tells.
 */
export interface ILink {
  readonly reach: Reach;
  /** The gateway's sentence on why it is not open; empty when it is. */
  readonly message: string;
  /** Emitted with what it was before. */
  readonly changed: ISignal<ILink, Reach>;
  /** Emitted with the reason that the other side gave for closing a websocket. */
  readonly socketClosed: ISignal<ILink, string>;

  /**
   * Ask the gateway how things are, now.
   */
  check(): Promise<void>;
}

export const ILink = new Token<ILink>(
  '@hdh/jupyter-labextension:ILink',
  "The page's link with the workspace, and why it is cut."
);

/**
 * Work on the outputs of the current notebook, which are most of what is shown.
 */
export interface IOutputs {
  /** Whether a notebook is open. */
  readonly available: boolean;

  /** Remove every output of the current notebook. */
  clear(): void;

  /** Shorten the large outputs of the current notebook, and keep the others. */
  shorten(): void;
}

export const IOutputs = new Token<IOutputs>(
  '@hdh/jupyter-labextension:IOutputs',
  'Removes or shortens the outputs of the current notebook.'
);
