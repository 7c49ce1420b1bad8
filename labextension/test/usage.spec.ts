import { endsKernels, newEvents, toneOf } from '../src/usage/events';
import { IUsageEvent } from '../src/usage/types';

const event = (at: string, code = 'limits.memory_near'): IUsageEvent => ({ at, code, message: at });

describe('newEvents', () => {
  it.each([
    ['the first look', null, { events: [event('1')] }, []],
    ['nobody tells', { events: [] }, null, []],
    ['no events at all', {}, {}, []],
    ['nothing new', { events: [event('1')] }, { events: [event('1')] }, []],
    ['one more', { events: [event('1')] }, { events: [event('2'), event('1')] }, ['2']],
    ['several, in their order', {}, { events: [event('3'), event('2')] }, ['2', '3']],
    [
      'another at the same time',
      { events: [event('1')] },
      { events: [event('1', 'limits.disk_near'), event('1')] },
      ['1']
    ]
  ])('%s', (_, before, now, expected) => {
    expect(newEvents(before, now).map(({ at }) => at)).toEqual(expected);
  });
});

describe('An event', () => {
  it.each([
    ['limits.memory_near', 'warning', false],
    ['limits.memory_killed', 'error', true],
    ['limits.processes_hit', 'error', false],
    ['limits.disk_full', 'error', false],
    ['limits.disk_freed', 'success', false],
    ['limits.server_silent', 'error', false],
    ['limits.server_answers', 'success', false]
  ])('%s is told as %s', (code, tone, kernel) => {
    expect([toneOf(event('1', code)), endsKernels(event('1', code))]).toEqual([tone, kernel]);
  });
});
