import React, { useEffect, useState } from 'react';

import { ApiError } from '../api';
import { IBackend } from '../tokens';
import { Wording } from '../wording';

/** What the last probe from inside found. */
export interface IProbe {
  /** ISO 8601. */
  at: string;
  passed: boolean;
  checks: { name: string; title: string; passed: boolean }[];
}

interface IProbeReportProps {
  backend: IBackend;
  wording: Wording;
}

/**
 * The report of the last probe: what was tried from inside, and that nothing got out.
 */
export function ProbeReport({ backend, wording }: IProbeReportProps): React.JSX.Element | null {
  const { trans } = wording;
  const [probe, setProbe] = useState<IProbe | ApiError | null>(null);
  useEffect(() => {
    backend.request<IProbe>('hdh/probe').then(setProbe, (error: unknown) => {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      setProbe(error);
    });
  }, [backend]);
  if (probe === null) {
    return <p className="hdh-Loading">{trans.__('Loading…')}</p>;
  }
  if (probe instanceof ApiError) {
    return <p>{trans.__('The report of the last probe is not available at the moment.')}</p>;
  }
  const failed = probe.checks.filter(check => !check.passed).length;
  return (
    <>
      <p className={`hdh-Summary hdh-mod-${probe.passed ? 'pass' : 'block'}`}>
        {probe.passed
          ? trans._n(
              '%1 attempt to get out was made from inside at %2: it failed, as it must.',
              '%1 attempts to get out were made from inside at %2: all failed, as they must.',
              probe.checks.length,
              wording.moment(probe.at)
            )
          : trans._n(
              '%1 check of the seal failed at %2. The administrators are told; do not work with data now.',
              '%1 checks of the seal failed at %2. The administrators are told; do not work with data now.',
              failed,
              wording.moment(probe.at)
            )}
      </p>
      <details className="hdh-Probe">
        <summary>{trans.__('The checks')}</summary>
        <ul>
          {probe.checks.map(check => (
            <li key={check.name}>
              <span className={`hdh-Badge hdh-mod-${check.passed ? 'pass' : 'block'}`}>
                {check.passed ? trans.__('holds') : trans.__('fails')}
              </span>{' '}
              {check.title}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
