import { Token } from '@lumino/coreutils';

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
