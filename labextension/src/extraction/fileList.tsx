import { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { Findings } from './findings';
import { ExtractionModel, MOST_FILES } from './model';
import { isProtectable } from './protection';
import { Remedies } from './remedies';
import { IFileReport } from './types';

interface IFileListProps {
  model: ExtractionModel;
  trans: TranslationBundle;
}

/**
 * The chosen files, each with what the checks say of it, and files to add.
 */
export function FileList({ model, trans }: IFileListProps): React.JSX.Element {
  return (
    <section className="hdh-Files" aria-busy={model.phase === 'checking'}>
      <h3>
        {trans.__('Files')} <small>{trans.__('%1 of %2 at most', model.files.length, MOST_FILES)}</small>
      </h3>
      {model.files.length === 0 && <p className="hdh-Files-none">{trans.__('No file is chosen yet.')}</p>}
      <ul>
        {model.files.map(path => (
          <ChosenFile key={path} path={path} model={model} trans={trans} />
        ))}
      </ul>
      {model.phase === 'checking' && (
        <div className="hdh-Files-progress" role="status">
          <progress aria-label={trans.__('Checking')} />
          <span>{trans._n('Checking %1 file…', 'Checking %1 files…', model.files.length)}</span>
        </div>
      )}
      {model.tooMany && (
        <p className="hdh-Summary hdh-mod-block" role="alert">
          {trans.__(
            'A request holds at most %1 files; %2 are chosen. Remove some, or make several requests.',
            MOST_FILES,
            model.files.length
          )}
        </p>
      )}
      <AddFiles model={model} trans={trans} />
    </section>
  );
}

function ChosenFile({ path, model, trans }: IFileListProps & { path: string }): React.JSX.Element {
  const file = model.reportOf(path);
  const findings = model.findingsOf(path);
  const original = model.originalOf(path);
  const slash = path.lastIndexOf('/') + 1;
  return (
    <li className="hdh-File">
      <div className="hdh-File-head">
        <span className="hdh-File-name" title={path}>
          <span className="hdh-File-folder">{path.slice(0, slash)}</span>
          {path.slice(slash)}
        </span>
        {file && <span className="hdh-File-size">{sizeOf(file.size, trans)}</span>}
        {file && <VerdictBadge file={file} trans={trans} />}
        <button
          type="button"
          className="hdh-Button hdh-mod-quiet"
          disabled={model.phase === 'preparing'}
          aria-label={trans.__('Remove %1', path)}
          title={trans.__('Remove from this request')}
          onClick={() => void model.remove(path)}
        >
          <closeIcon.react tag="span" className="hdh-Button-icon" />
        </button>
      </div>
      {file && (findings.length > 0 || file.kind === 'notebook') && (
        <Findings file={file} findings={findings} trans={trans} />
      )}
      {file && !file.releasable && isProtectable(file.kind) && <Remedies model={model} path={path} trans={trans} />}
      {original !== undefined && (
        <p className="hdh-File-original">
          {trans.__('Protected copy of %1.', original)}{' '}
          <button
            type="button"
            className="hdh-Button hdh-mod-quiet"
            disabled={model.phase === 'preparing'}
            onClick={() => void model.putBack(path)}
          >
            {trans.__('Put the original back')}
          </button>
        </p>
      )}
    </li>
  );
}

function VerdictBadge({ file, trans }: { file: IFileReport; trans: TranslationBundle }): React.JSX.Element {
  const partly = file.verdict === 'block' && file.releasable;
  const words = {
    pass: trans.__('Nothing found'),
    review: trans.__('To be looked at'),
    block: partly ? trans.__('Leaves in part') : trans.__('Cannot leave as it is')
  };
  return <span className={`hdh-Badge hdh-mod-${partly ? 'review' : file.verdict}`}>{words[file.verdict]}</span>;
}

function AddFiles({ model, trans }: IFileListProps): React.JSX.Element {
  const [open, setOpen] = useState(model.files.length === 0);
  const addable = model.offered.filter(path => !model.files.includes(path));
  return (
    <details className="hdh-AddFiles" open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{trans.__('Add files')}</summary>
      {addable.length === 0 ? (
        <p className="hdh-Files-none">
          {trans.__(
            'No other table, figure, document or notebook in results/ or in the folder that the file browser shows.'
          )}
        </p>
      ) : (
        <ul>
          {addable.map(path => (
            <li key={path}>
              <button
                type="button"
                className="hdh-Button hdh-mod-quiet"
                disabled={model.phase === 'preparing' || model.files.length >= MOST_FILES}
                onClick={() => void model.add([path])}
                aria-label={trans.__('Add %1', path)}
              >
                + {path}
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function sizeOf(bytes: number, trans: TranslationBundle): string {
  if (bytes < 1024) {
    return trans._n('%1 byte', '%1 bytes', bytes);
  }
  return bytes < 1024 ** 2
    ? trans.__('%1 KiB', Math.round(bytes / 1024))
    : trans.__('%1 MiB', (bytes / 1024 ** 2).toFixed(1));
}
