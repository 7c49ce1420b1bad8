import { ServerConnection } from '@jupyterlab/services';
import { TranslationBundle } from '@jupyterlab/translation';

import { ApiError, IConnection, IRequest, requestAPI } from './api';
import { IBackend, IPerson } from './tokens';

/**
 * The workspace's server extensions and the gateway's own routes, which share one base URL.
 */
export class Backend implements IBackend {
  constructor(settings: ServerConnection.ISettings, languageCode: string, trans: TranslationBundle) {
    this._connection = {
      settings,
      language: languageCode.replace('_', '-'),
      sentences: {
        unreachable: trans.__(
          'The workspace does not answer. Check your connection; if it lasts, go back to the portal and open the workspace again.'
        ),
        unreadable: trans.__('The workspace gave an answer that cannot be read. Reload the page and try again.')
      }
    };
  }

  request<T>(endpoint: string, request?: IRequest): Promise<T> {
    return requestAPI<T>(this._connection, endpoint, request);
  }

  me(): Promise<IPerson> {
    this._me ??= this._askMe();
    return this._me;
  }

  private async _askMe(): Promise<IPerson> {
    try {
      const person = await this.request<IPerson>('hdh/me');
      if (!/^https?:\/\//.test(person.hub_url)) {
        throw new ApiError('workspace.unreadable', this._connection.sentences.unreadable, 200);
      }
      return person;
    } catch (error) {
      // Asked again next time: the gateway may have been away for a moment.
      this._me = undefined;
      throw error;
    }
  }

  private readonly _connection: IConnection;
  private _me: Promise<IPerson> | undefined;
}
