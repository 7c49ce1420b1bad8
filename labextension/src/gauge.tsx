import React from 'react';

/** From here on a gauge warns, and then alarms. */
export const HIGH = 0.8;
export const FULL = 0.95;

interface IGaugeProps {
  /** From 0 to 1. */
  share: number;
  label: string;
}

/**
 * A small bar that says how much of a limit is used.
 */
export function Gauge({ share, label }: IGaugeProps): React.JSX.Element {
  const level = share >= FULL ? 'full' : share >= HIGH ? 'high' : 'low';
  return (
    <span
      className={`hdh-Gauge hdh-mod-${level}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <span style={{ width: `${Math.round(share * 100)}%` }} />
    </span>
  );
}

/**
 * Return the used share of a limit, from 0 to 1; 0 where either is unknown.
 */
export function shareOf(amount: { used?: number; limit?: number } | undefined): number {
  const { used, limit } = amount ?? {};
  return used === undefined || !limit || limit < 0 ? 0 : Math.min(1, Math.max(0, used / limit));
}
