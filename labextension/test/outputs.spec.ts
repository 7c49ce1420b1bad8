import { IOutput } from '@jupyterlab/nbformat';

import { LARGE, shortened, weightOf } from '../src/outputs/shortening';

const NOTE = '[left out]';
const long = 'x'.repeat(LARGE + 1);

describe('shortened', () => {
  it('keeps small outputs as they are', () => {
    const outputs: IOutput[] = [{ output_type: 'stream', name: 'stdout', text: 'bonjour' }];
    expect(shortened(outputs, NOTE)).toEqual(outputs);
  });

  it.each<[string, IOutput, string]>([
    ['a text', { output_type: 'stream', name: 'stdout', text: long }, 'xxx'],
    ['a text in lines', { output_type: 'stream', name: 'stdout', text: [long, long] }, 'xxx'],
    ['a picture', { output_type: 'display_data', data: { 'image/png': long }, metadata: {} }, NOTE],
    [
      'a table',
      { output_type: 'display_data', data: { 'text/html': long, 'text/plain': 'table' }, metadata: {} },
      'table'
    ],
    ['an error', { output_type: 'error', ename: 'E', evalue: 'e', traceback: [long] }, NOTE],
    ['something unknown', { output_type: 'display_data', data: { 'x/y': { deep: [long] } }, metadata: {} }, NOTE]
  ])('makes %s small, with a note', (_, output, kept) => {
    const after = shortened([output], NOTE);
    expect(after).toHaveLength(1);
    expect(after[0]?.output_type).toBe(output.output_type);
    expect(weightOf(after)).toBeLessThan(LARGE / 2);
    expect(JSON.stringify(after)).toContain(kept);
    expect(JSON.stringify(after)).toContain(NOTE);
  });
});
