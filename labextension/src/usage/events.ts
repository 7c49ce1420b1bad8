import { IUsage, IUsageEvent } from './types';

/**
 * Return the events that happened since the last look, the oldest first; none at the first look, which is the past.
 */
export function newEvents(before: IUsage | null, now: IUsage | null): IUsageEvent[] {
  if (before === null || now === null) {
    return [];
  }
  const known = new Set((before.events ?? []).map(keyOf));
  return (now.events ?? []).filter(event => !known.has(keyOf(event))).reverse();
}

/** Whether an event tells of something that was ended, rather than of something that may be. */
export function isEnd(event: IUsageEvent): boolean {
  return /kill|oom|end|full|exceeded/.test(event.code);
}

function keyOf(event: IUsageEvent): string {
  return `${event.at} ${event.code}`;
}
