/**
 * What the checks say, as the workspace's server answers it.
 */
export type Verdict = 'pass' | 'review' | 'block';
export type Severity = 'info' | 'review' | 'block';

export interface IFinding {
  rule: string;
  severity: Severity;
  file: string;
  where: string;
  message: string;
  why: string;
  remedy: string;
}

export interface IFileReport {
  name: string;
  size: number;
  kind: string;
  verdict: Verdict;
  /** Whether something of the file may leave: of a notebook, all but the outputs that have a blocking finding. */
  releasable: boolean;
}

export interface IReport {
  verdict: Verdict;
  files: IFileReport[];
  findings: IFinding[];
}

/** A way to protect a file's tables, with what it costs. */
export interface IProposal {
  id: string;
  message: string;
  cells_lost: number;
  /** From 0 to 1. */
  information_lost: number;
}

export interface IProposals {
  proposals: IProposal[];
  /** Why there is none, as a sentence. */
  reason: string | null;
}

/** What the gateway answers once the hub zone holds the files. */
export interface IDraft {
  id: number | string;
  url: string;
}
