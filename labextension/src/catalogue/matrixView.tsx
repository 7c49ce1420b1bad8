import { TranslationBundle } from '@jupyterlab/translation';
import React, { KeyboardEvent, useEffect, useRef, useState } from 'react';

import { Problem } from '../problem';
import { MatrixModel } from './matrixModel';
import { IMatrix } from './types';

interface IMatrixProps {
  model: MatrixModel;
  trans: TranslationBundle;
  /** Shows the variables of a database on a topic. */
  onCell: (topic: string, dataset: { id: string; title: string }) => void;
  onTopic: (topic: string) => void;
  onDataset: (dataset: { id: string; title: string }) => void;
}

/**
 * Topics by databases: a mark where a database has the topic, with how many variables match it.
 */
export function MatrixView({ model, trans, ...opened }: IMatrixProps): React.JSX.Element {
  const { matrix } = model;
  return (
    <div className="hdh-Matrix" aria-busy={model.loading}>
      <header>
        <h2>{trans.__('Topics by databases')}</h2>
        <p>
          {trans.__('A dot: the record names the topic. A number: so many described variables match it.')}{' '}
          {trans.__('The arrow keys go from cell to cell.')}
        </p>
      </header>
      {model.loading && !matrix && (
        <p className="hdh-Loading" role="status">
          {trans.__('Loading…')}
        </p>
      )}
      {model.error && <Problem error={model.error} trans={trans} onRetry={() => void model.load()} />}
      {matrix && matrix.topics.length === 0 && <p className="hdh-Notice">{trans.__('No record names a topic yet.')}</p>}
      {matrix && matrix.topics.length > 0 && <Grid matrix={matrix} trans={trans} {...opened} />}
    </div>
  );
}

interface IGridProps extends Omit<IMatrixProps, 'model'> {
  matrix: IMatrix;
}

function Grid({ matrix, trans, onCell, onTopic, onDataset }: IGridProps): React.JSX.Element {
  // The place that the Tab key comes to: row 0 and column 0 are the headings.
  const [place, setPlace] = useState<[number, number]>([1, 1]);
  const table = useRef<HTMLTableElement>(null);
  const moved = useRef(false);
  const rows = matrix.topics.length + 1;
  const columns = matrix.columns.length + 1;

  useEffect(() => {
    if (moved.current) {
      table.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    }
  }, [place]);

  const pressed = (event: KeyboardEvent) => {
    const [row, column] = place;
    const steps: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      Home: [row, 0],
      End: [row, columns - 1]
    };
    const next = steps[event.key];
    if (!next) {
      return;
    }
    event.preventDefault();
    const [down, right] = [within(next[0], rows), within(next[1], columns)];
    if (down > 0 || right > 0) {
      moved.current = true;
      setPlace([down, right]);
    }
  };
  const at = (row: number, column: number) => ({
    tabIndex: place[0] === row && place[1] === column ? 0 : -1,
    onFocus: () => setPlace([row, column])
  });

  return (
    <div className="hdh-Matrix-scroll">
      {/* The arrow keys are those of a grid, which the table is. */}
      {}
      <table ref={table} role="grid" aria-label={trans.__('Topics by databases')} onKeyDown={pressed}>
        <thead>
          <tr>
            <td className="hdh-Matrix-corner" />
            {matrix.columns.map((column, index) => (
              <th key={column.id} scope="col">
                <button type="button" title={column.steward} onClick={() => onDataset(column)} {...at(0, index + 1)}>
                  <span>{column.title}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.topics.map(({ topic, datasets, cells }, row) => (
            <tr key={topic}>
              <th scope="row">
                <button type="button" onClick={() => onTopic(topic)} {...at(row + 1, 0)}>
                  <span>{topic}</span>
                  <span className="hdh-Facet-count">{datasets}</span>
                </button>
              </th>
              {matrix.columns.map((column, index) => {
                const cell = cells[column.id];
                if (!cell) {
                  return (
                    // An empty place of a grid can be come to, as every other.

                    <td
                      key={column.id}
                      role="gridcell"
                      aria-label={`${topic}, ${column.title} : 0`}
                      {...at(row + 1, index + 1)}
                    />
                  );
                }
                const said =
                  cell.variables > 0
                    ? trans._n('%1 variable', '%1 variables', cell.variables)
                    : trans.__('named in the record');
                return (
                  <td key={column.id} role="gridcell">
                    <button
                      type="button"
                      className={`hdh-Matrix-cell ${cell.named ? 'hdh-mod-named' : ''}`}
                      style={{ '--hdh-weight': weight(cell.variables) } as React.CSSProperties}
                      aria-label={`${topic}, ${column.title} : ${said}`}
                      title={`${topic} · ${column.title} : ${said}`}
                      onClick={() => onCell(topic, column)}
                      {...at(row + 1, index + 1)}
                    >
                      {cell.variables > 0 ? cell.variables : '●'}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function within(place: number, count: number): number {
  return Math.min(Math.max(place, 0), count - 1);
}

/** Return how strongly a cell is coloured, from 0 to 1: by the magnitude of its count. */
function weight(variables: number): number {
  return variables === 0 ? 0.18 : Math.min(1, 0.35 + Math.log10(variables) / 4);
}
