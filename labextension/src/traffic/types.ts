/** How much was shown, and how much may be: bytes. */
export interface IAmount {
  used: number;
  limit: number;
}

/** A request for a larger budget. */
export interface IMoreRequest {
  id: number | string;
  state: 'pending' | 'granted' | 'refused';
  reason?: string;
  /** What the administrator answered. */
  comment?: string | null;
  /** What was granted beyond the budget, bytes. */
  amount?: number | null;
}

/** What the gateway tells of a person's traffic. */
export interface ITraffic {
  hour?: IAmount;
  day?: IAmount;
  state?: 'ok' | 'warning' | 'cut';
  /** When the cut ends, ISO 8601. */
  until?: string | null;
  message?: string | null;
  requests?: IMoreRequest[];
}
