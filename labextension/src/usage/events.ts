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

/** How an event is told: what may happen warns, what happened alarms, what is over reassures. */
export function toneOf({ code }: IUsageEvent): 'warning' | 'error' | 'success' {
  if (/_(freed|answers)$/.test(code)) {
    return 'success';
  }
  return code.endsWith('_near') ? 'warning' : 'error';
}

/** Whether an event is the reason why a kernel died. */
export function endsKernels({ code }: IUsageEvent): boolean {
  return code.endsWith('memory_killed');
}

function keyOf(event: IUsageEvent): string {
  return `${event.at} ${event.code}`;
}
