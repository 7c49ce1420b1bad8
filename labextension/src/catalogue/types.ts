/**
 * What the catalogue's server extension answers.
 */
export interface IUsable {
  code: 'granted' | 'not_granted' | 'expired';
  /** Whether this project may use the dataset and until when, as a sentence. */
  message: string;
}

export interface IItem {
  id: string;
  title: string;
  long_title: string | null;
  summary: string | null;
  steward: string;
  coverage: string;
  access: { regime: string; label: string };
  conditions: string;
  usable: IUsable;
}

export interface ISearchResults {
  total: number;
  /** Why records are listed that lack some of the words; null when all have them. */
  message: string | null;
  items: IItem[];
}

export interface IRow {
  key: string;
  label: { fr: string; en: string };
  value: string;
  to_confirm?: boolean;
  note?: string | null;
  sources?: string[];
  /** For a term of the convention: whether it is agreed. */
  agreed?: boolean;
}

export interface ISection {
  key: string;
  label: { fr: string; en: string };
  rows: IRow[];
}

export interface IVariable {
  name: string;
  type: string;
  label: string | null;
  code_lists: { period: string | null; codes: { code: string; label: string }[] }[];
}

export interface ISource {
  id: string;
  reference: string;
  licence: string | null;
}

export interface IRecord extends IItem {
  sections: ISection[];
  variables: IVariable[];
  sources: ISource[];
}

/** The languages for which the catalogue writes the code that reads a dataset. */
export type SnippetLanguage = 'python' | 'R' | 'julia';
