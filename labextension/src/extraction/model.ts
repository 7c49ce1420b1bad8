import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { Protection } from './protection';
import { IDraft, IFinding, IFileReport, IReport } from './types';

/** The longest title that a request may have. */
export const TITLE_LENGTH = 200;

/** How many files a request may hold, as the workspace and the gateway count them. */
export const MOST_FILES = 20;

/**
 * How far a request is: `choosing` without files, or with too many, then `checking` and `checked` each time they change, then
 * `preparing` and `prepared`.
 */
export type Phase = 'choosing' | 'checking' | 'checked' | 'preparing' | 'prepared';

/**
 * The workspace's files, as far as a request needs them.
 */
export interface IWorkspaceFiles {
  /**
   * Write what is open and changed, so that the checks see what the person sees.
   */
  save(paths: readonly string[]): Promise<void>;

  /**
   * Return the paths of the files that are offered for adding.
   */
  offered(): Promise<string[]>;
}

/**
 * A request to take files out, from the choice of files to the draft in the hub zone.
 */
export class ExtractionModel implements IDisposable {
  constructor(
    private readonly _backend: IBackend,
    private readonly _workspace: IWorkspaceFiles
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  files: readonly string[] = [];
  phase: Phase = 'choosing';
  report: IReport | null = null;
  error: ApiError | null = null;
  title = '';
  draft: IDraft | null = null;
  offered: readonly string[] = [];

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._attempt?.abort();
    Signal.clearData(this);
  }

  /**
   * Whether a draft can be prepared now.
   */
  get ready(): boolean {
    return !this.tooMany && this.phase === 'checked' && this.report !== null && this.title.trim() !== '';
  }

  /**
   * Whether more files are chosen than one request may hold.
   */
  get tooMany(): boolean {
    return this.files.length > MOST_FILES;
  }

  /**
   * The files that the checks would let nothing out of.
   */
  get stuck(): IFileReport[] {
    return this.report?.files.filter(file => !file.releasable) ?? [];
  }

  reportOf(path: string): IFileReport | undefined {
    return this.report?.files.find(file => file.name === path);
  }

  findingsOf(path: string): IFinding[] {
    return this.report?.findings.filter(finding => finding.file === path) ?? [];
  }

  /**
   * Return what can be done about a file's tables.
   */
  protection(path: string): Protection {
    return new Protection(this._backend, path);
  }

  /**
   * Put a protected copy in the place of a file, which stays in the workspace and can be put back.
   */
  replace(path: string, copy: string): Promise<void> {
    this._originals.set(copy, path);
    return this._choose([...new Set(this.files.map(file => (file === path ? copy : file)))]);
  }

  /**
   * Return the file that a protected copy stands for, if it is one.
   */
  originalOf(copy: string): string | undefined {
    return this._originals.get(copy);
  }

  /**
   * Put the original back in the place of its protected copy, which stays in the workspace too.
   */
  async putBack(copy: string): Promise<void> {
    const original = this._originals.get(copy);
    if (original !== undefined) {
      this._originals.delete(copy);
      await this._choose([...new Set(this.files.map(file => (file === copy ? original : file)))]);
    }
  }

  entitle(title: string): void {
    this.title = title;
    this._changed.emit();
  }

  add(paths: readonly string[]): Promise<void> {
    return this._choose([...new Set([...this.files, ...paths])]);
  }

  remove(path: string): Promise<void> {
    return this._choose(this.files.filter(file => file !== path));
  }

  /**
   * Look again which files could be added.
   */
  async lookAround(): Promise<void> {
    this.offered = await this._workspace.offered();
    this._changed.emit();
  }

  /**
   * Check the chosen files (again).
   */
  check(): Promise<void> {
    return this._choose(this.files);
  }

  /**
   * Stage the files and have the hub zone pull them.
   */
  async prepare(): Promise<void> {
    if (!this.ready) {
      return;
    }
    await this._attempting('preparing', async signal => {
      const { staging } = await this._backend.request<{ staging: string }>('hdh-egress/stage', {
        body: { paths: this.files },
        signal
      });
      this.draft = await this._backend.request<IDraft>('hdh/egress/drafts', {
        body: { staging, title: this.title.trim() },
        signal
      });
    });
  }

  /**
   * Do again what failed.
   */
  retry(): Promise<void> {
    return this.report ? this.prepare() : this.check();
  }

  private async _choose(files: readonly string[]): Promise<void> {
    this.files = files;
    this.report = null;
    if (files.length === 0 || this.tooMany) {
      this._attempt?.abort();
      this._attempt = null;
      this.phase = 'choosing';
      this.error = null;
      this._changed.emit();
      return;
    }
    await this._attempting('checking', async signal => {
      await this._workspace.save(files);
      signal.throwIfAborted();
      this.report = await this._backend.request<IReport>('hdh-egress/check', { body: { paths: files }, signal });
    });
  }

  private async _attempting(during: Phase, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this._attempt?.abort();
    const attempt = new AbortController();
    this._attempt = attempt;
    this.phase = during;
    this.error = null;
    this._changed.emit();
    try {
      await work(attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) {
        return;
      }
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.error = error;
    } finally {
      if (this._attempt === attempt) {
        this._attempt = null;
        this.phase = this.draft ? 'prepared' : 'checked';
        this._changed.emit();
      }
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _originals = new Map<string, string>();
  private _attempt: AbortController | null = null;
  private _disposed = false;
}
