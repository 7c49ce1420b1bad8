import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IFileReport, IFinding, Severity } from './types';

/** Places named per reason; a table with a thousand small counts is one thing to correct, not a thousand. */
const PLACES = 5;

const ORDER: readonly Severity[] = ['block', 'review', 'info'];

interface IFindingsProps {
  file: IFileReport;
  findings: IFinding[];
  trans: TranslationBundle;
}

/**
 * What the checks found in one file: the gravest first, one entry for each reason.
 */
export function Findings({ file, findings, trans }: IFindingsProps): React.JSX.Element {
  return (
    <div className="hdh-Findings">
      {file.kind === 'notebook' && <NotebookLosses file={file} findings={findings} trans={trans} />}
      {groups(findings).map((group, index) => (
        <FindingGroup key={index} group={group} trans={trans} />
      ))}
    </div>
  );
}

/**
 * What a notebook loses when it leaves.
 */
function NotebookLosses({ file, findings, trans }: IFindingsProps): React.JSX.Element {
  const outputs = new Set(findings.filter(finding => finding.severity === 'block').map(outputOf));
  return (
    <div className="hdh-Findings-losses">
      <p>
        {trans.__(
          'The notebook leaves without attachments, widget state, and metadata other than its kernel and language.'
        )}
      </p>
      {file.releasable && outputs.size > 0 && (
        <>
          <p>{trans.__('These outputs are removed from it:')}</p>
          <ul>
            {[...outputs].slice(0, PLACES).map(where => (
              <li key={where}>{where}</li>
            ))}
            <Others count={outputs.size - PLACES} trans={trans} />
          </ul>
        </>
      )}
    </div>
  );
}

/**
 * Return the notebook's output that a finding is in: a place goes from the large to the small,
 * "Cell 3, output 1, row 14".
 */
function outputOf(finding: IFinding): string {
  return finding.where.split(', ').slice(0, 2).join(', ');
}

function FindingGroup({ group, trans }: { group: IFinding[]; trans: TranslationBundle }): React.JSX.Element | null {
  const [first] = group;
  if (!first) {
    return null;
  }
  const words: Record<Severity, string> = {
    block: trans.__('Blocking'),
    review: trans.__('For the checkers'),
    info: trans.__('For information')
  };
  return (
    <section className={`hdh-Finding hdh-mod-${first.severity}`}>
      <p className="hdh-Finding-message">
        <span className={`hdh-Badge hdh-mod-${first.severity}`}>{words[first.severity]}</span> {first.message}
      </p>
      <dl className="hdh-Finding-details">
        <dt>{trans.__('Where')}</dt>
        <dd>
          {group.length === 1 ? (
            first.where
          ) : (
            <ul>
              {group.slice(0, PLACES).map((finding, index) => (
                <li key={index}>{finding.where}</li>
              ))}
              <Others count={group.length - PLACES} trans={trans} />
            </ul>
          )}
        </dd>
        <dt>{trans.__('Why')}</dt>
        <dd>{first.why}</dd>
        <dt>{trans.__('What to do')}</dt>
        <dd>{first.remedy}</dd>
      </dl>
    </section>
  );
}

function Others({ count, trans }: { count: number; trans: TranslationBundle }): React.JSX.Element | null {
  return count > 0 ? <li>{trans._n('and %1 other place', 'and %1 other places', count)}</li> : null;
}

/**
 * Return the findings by reason, the gravest reasons first.
 */
export function groups(findings: IFinding[]): IFinding[][] {
  const byReason = new Map<string, IFinding[]>();
  for (const finding of findings) {
    const reason = [finding.severity, finding.rule, finding.message].join('\n');
    byReason.set(reason, [...(byReason.get(reason) ?? []), finding]);
  }
  const rank = (group: IFinding[]) => (group[0] ? ORDER.indexOf(group[0].severity) : ORDER.length);
  return [...byReason.values()].sort((a, b) => rank(a) - rank(b));
}
