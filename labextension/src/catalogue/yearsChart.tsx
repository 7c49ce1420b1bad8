import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IYears } from './types';

const HEIGHT = 64;
const BAR = 12;
const GAP = 3;
/** Height of the bar of a year that is covered, where no number is known. */
const COVERED = 22;
const LEFT = 18;

interface IYearsProps {
  years: IYears;
  trans: TranslationBundle;
}

/**
 * The years covered, as bars: as high as there are variables filled, where that is known.
 */
export function YearsChart({ years, trans }: IYearsProps): React.JSX.Element {
  const most = Math.max(0, ...years.years.map(({ variables }) => variables ?? 0));
  const counted = most > 0;
  const last = Math.max(years.last, ...years.marks.map(({ year }) => year));
  const count = Math.max(last - years.first + 1, 4);
  const arrow = years.goes_on ? 12 : 0;
  const width = LEFT * 2 + count * (BAR + GAP) + arrow;
  const x = (year: number) => LEFT + (year - years.first) * (BAR + GAP);
  const top = counted ? 16 : HEIGHT - COVERED - 18;
  const marks = years.marks.filter(({ year }) => year >= years.first);
  const summary = years.goes_on
    ? trans.__('Covered since %1, and goes on', years.first)
    : trans.__('Covered from %1 to %2', years.first, years.last);
  return (
    <figure className="hdh-Years">
      <svg viewBox={`0 0 ${width} ${HEIGHT + 14}`} width={width} role="img" aria-label={summary}>
        {years.years.map(({ year, variables }) => {
          const height = counted ? Math.max(2, ((variables ?? 0) / most) * (HEIGHT - top)) : COVERED;
          return (
            <rect
              key={year}
              className="hdh-Years-bar"
              x={x(year)}
              y={HEIGHT - height}
              width={BAR}
              height={height}
              rx={2}
            >
              <title>
                {variables === null ? `${year}` : trans._n('%2: %1 variable', '%2: %1 variables', variables, year)}
              </title>
            </rect>
          );
        })}
        <line className="hdh-Years-axis" x1={LEFT - 4} x2={width - LEFT + 8} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
        {years.goes_on && (
          <path
            className="hdh-Years-arrow"
            d={`M${x(years.last + 1) + 2} ${HEIGHT - 14} l7 5.5 l-7 5.5 z`}
            aria-hidden="true"
          />
        )}
        {marks.map(({ year, label, value }) => (
          <g key={`${year}${label}`} className="hdh-Years-mark">
            <path d={`M${x(year) + BAR / 2 - 4} ${top - 9} h8 l-4 7 z`}>
              <title>{`${label} : ${value}`}</title>
            </path>
          </g>
        ))}
        {labelled(years.first, years.last).map(year => (
          <text key={year} x={x(year) + BAR / 2} y={HEIGHT + 12} textAnchor="middle">
            {year}
          </text>
        ))}
      </svg>
      <figcaption>
        {summary}
        {counted && ` · ${trans._n('at most %1 variable a year', 'at most %1 variables a year', most)}`}
        {marks.map(({ year, label, value }) => (
          <span key={`${year}${label}`} className="hdh-Years-legend">
            <span aria-hidden="true">▾ </span>
            {label} : {value}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/**
 * Return the years that carry a label: the first, the last, and round ones between, as far as there is room.
 */
function labelled(first: number, last: number): number[] {
  const room = 3;
  const step = last - first > 30 ? 10 : 5;
  const between: number[] = [];
  for (let year = Math.ceil((first + room) / step) * step; year <= last - room; year += step) {
    between.push(year);
  }
  return first === last
    ? [first]
    : last - first < room
      ? [first, ...(last - first > 1 ? [last] : [])]
      : [first, ...between, last];
}
