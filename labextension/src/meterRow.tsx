import React from 'react';

import { Gauge, shareOf } from './gauge';

interface IMeterRowProps {
  label: string;
  amount: { used?: number; limit?: number } | undefined;
  /** How a number of this kind is written. */
  write: (value: number) => string;
  /** What is said when nothing is known. */
  unknown: string;
  /** How use and limit stand together: `%1` and `%2`. */
  of: (used: string, limit: string) => string;
}

/**
 * A line of a table of limits: what it is, a bar, and the figures.
 */
export function MeterRow({ label, amount, write, unknown, of }: IMeterRowProps): React.JSX.Element {
  const { used, limit } = amount ?? {};
  const figures = used === undefined ? unknown : limit === undefined ? write(used) : of(write(used), write(limit));
  return (
    <tr>
      <th scope="row">{label}</th>
      <td>{used !== undefined && limit !== undefined && <Gauge share={shareOf(amount)} label={label} />}</td>
      <td>{figures}</td>
    </tr>
  );
}
