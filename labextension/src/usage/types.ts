/** How much is used, and how much there is; either may be unknown. */
export interface IUse {
  used?: number;
  limit?: number;
}

/** Something that happened to the workspace's limits. */
export interface IUsageEvent {
  /** ISO 8601. */
  at: string;
  /** `limits.memory_near`, `limits.memory_killed`... */
  code: string;
  message: string;
}

/** What the workspace uses: bytes, counts, cores. */
export interface IUsage {
  memory?: IUse;
  processes?: IUse;
  disk?: IUse;
  files?: IUse;
  cpu?: IUse;
  /** The newest first. */
  events?: IUsageEvent[];
}
