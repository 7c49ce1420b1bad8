import type * as nbformat from '@jupyterlab/nbformat';
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

/** Pixels that the mouse moves before it drags. */
const FAR = 5;

/** What notebooks take as cells. */
const CELLS = 'application/vnd.jupyter.cells';

/**
 * What is dragged into a notebook.
 */
export interface IDragged {
  /** What shows beside the mouse. */
  title: string;
  /** Goes into a notebook as a cell of its own; without one, notebooks take the text into the cell below the mouse. */
  cell: string | null;
  /** Goes where text is edited. */
  text: string;
}

/**
 * Drag something into a notebook once the mouse, which is down, moves far enough.
 *
 * JupyterLab's own dragging: the browser's would carry text out of the workspace.
 *
 * @param wanted - What is dragged; may take its time, the drag begins when it is there.
 */
export function dragFrom(event: React.MouseEvent, wanted: () => Promise<IDragged>): void {
  if (event.button !== 0) {
    return;
  }
  // The browser would select text on the way.
  event.preventDefault();
  const start = { x: event.clientX, y: event.clientY };
  const source = event.currentTarget;
  let last = start;
  let begun: Promise<IDragged> | null = null;
  const stop = () => {
    document.removeEventListener('mousemove', moved, true);
    document.removeEventListener('mouseup', stop, true);
  };
  const moved = (move: MouseEvent) => {
    last = { x: move.clientX, y: move.clientY };
    if (begun || Math.hypot(last.x - start.x, last.y - start.y) < FAR) {
      return;
    }
    let down = true;
    document.addEventListener('mouseup', () => (down = false), { capture: true, once: true });
    begun = wanted();
    void begun.then(
      dragged => {
        stop();
        if (down) {
          void dragOf(dragged, source).start(last.x, last.y);
        }
      },
      () => stop()
    );
  };
  document.addEventListener('mousemove', moved, true);
  document.addEventListener('mouseup', stop, true);
}

function dragOf({ title, cell, text }: IDragged, source: Element): Drag {
  const mimeData = new MimeData();
  mimeData.setData('text/plain', text);
  if (cell !== null) {
    mimeData.setData(CELLS, [codeCell(cell)]);
  }
  const dragImage = document.createElement('div');
  dragImage.className = 'hdh-DragImage';
  dragImage.textContent = title;
  return new Drag({ mimeData, dragImage, supportedActions: 'copy', proposedAction: 'copy', source });
}

function codeCell(source: string): nbformat.ICodeCell {
  return { cell_type: 'code', source: source.trimEnd(), metadata: {}, outputs: [], execution_count: null };
}
