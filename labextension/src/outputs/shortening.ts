import { IOutput } from '@jupyterlab/nbformat';

/** From here on an output is large: characters of its JSON. */
export const LARGE = 256 * 1024;
/** What is kept of a long text, characters. */
const KEPT = 10_000;

/**
 * Return how much is sent each time outputs are shown: characters of their JSON.
 */
export function weightOf(outputs: readonly IOutput[]): number {
  return outputs.reduce((sum, output) => sum + JSON.stringify(output).length, 0);
}

/**
 * Return the same outputs without what makes one large: a long text keeps its beginning, anything else a note.
 *
 * @param note - Says in place of what is left out that it was.
 */
export function shortened(outputs: readonly IOutput[], note: string): IOutput[] {
  return outputs.map(output => (weightOf([output]) <= LARGE ? output : shortenedOne(output, note)));
}

function shortenedOne(output: IOutput, note: string): IOutput {
  if (output.output_type === 'stream') {
    return { ...output, text: `${textOf(output['text']).slice(0, KEPT)}\n${note}\n` };
  }
  if (output.output_type === 'error') {
    return { ...output, traceback: [note] };
  }
  const data = (output['data'] ?? {}) as Record<string, unknown>;
  const plain = textOf(data['text/plain']).slice(0, KEPT);
  return { ...output, data: { 'text/plain': plain === '' ? note : `${plain}\n${note}` }, metadata: {} };
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}
