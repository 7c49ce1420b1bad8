/**
 * What the catalogue's server extension answers.
 */
export interface IUsable {
  code: 'granted' | 'not_granted' | 'expired';
  /** Whether this project may use the dataset and until when, as a sentence. */
  message: string;
}

export interface IItem {
  kind: 'dataset';
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

/** A variable, with all the tables of one dataset that have it. */
export interface IVariableItem {
  kind: 'variable';
  dataset: string;
  dataset_title: string;
  name: string;
  label: string | null;
  type: string | null;
  /** The first of them: `table_count` says how many there are. */
  tables: string[];
  table_count: number;
  years: string | null;
  restricted: boolean;
  usable: IUsable;
}

export interface IFacetValue {
  value: string;
  label: string;
  count: number;
}

export interface ISearchResults {
  total: number;
  /** How the words were understood, as a sentence, when they were not taken as they are. */
  message: string | null;
  items: (IItem | IVariableItem)[];
  facets: Record<string, IFacetValue[]>;
  facet_labels: Record<string, string>;
}

export interface ILabels {
  fr: string;
  en: string;
}

export interface IRow {
  key: string;
  label: ILabels;
  value: string;
  to_confirm?: boolean;
  note?: string | null;
  sources?: string[];
}

export interface ISection {
  key: string;
  label: ILabels;
  rows: IRow[];
}

/** One of the four themes of a convention. */
export interface ITheme {
  key: string;
  label: ILabels;
  agreed: boolean;
  /** What it comes to, as a sentence; what is not agreed says so. */
  summary: string | null;
  exclusive_today: boolean | null;
  rows: IRow[];
  steps: { name: string; delay: string | null }[];
  prices: { payer: string; amount: string }[];
}

export interface ITableLine {
  name: string;
  title: string | null;
  description: string | null;
  product: string | null;
  variables: number;
  primary_key: string[];
  foreign_keys: { variables: string[]; table: string; targets: string[] }[];
}

export interface IYears {
  first: number;
  last: number;
  /** Whether the period has no end yet. */
  goes_on: boolean;
  /** Variables that are filled in each year; null where that is not known. */
  years: { year: number; variables: number | null }[];
  marks: { year: number; label: string; value: string }[];
}

export interface ICodeList {
  period: string | null;
  valid_from: string | null;
  valid_until: string | null;
  /** Whether these are the codes of today. */
  current: boolean;
  codes: { code: string; label: string }[];
}

export interface IVariable {
  name: string;
  type: string;
  label: string | null;
  description: string | null;
  format: string | null;
  length: string | null;
  unit: string | null;
  nomenclature: string | null;
  first_year: number | null;
  last_year: number | null;
  missing_years: number[];
  rule: string | null;
  observation: string | null;
  restricted: boolean;
  code_lists: ICodeList[];
}

export interface ITableVariables {
  table: string;
  total: number;
  variables: IVariable[];
}

export interface ISource {
  id: string;
  reference: string;
  licence: string | null;
}

export interface IRecord extends IItem {
  sections: ISection[];
  convention: { status: string; rows: IRow[]; themes: ITheme[] };
  tables: ITableLine[];
  links: { label: ILabels; target: string; note: string | null }[];
  years: IYears | null;
  completeness: { share: number; missing: string[] };
  citation: { text: string; bibtex: string };
  sources: ISource[];
}

export interface IMatrix {
  columns: { id: string; title: string; steward: string }[];
  topics: { topic: string; datasets: number; cells: Record<string, { named: boolean; variables: number }> }[];
}

/** The languages for which the catalogue writes the code that reads a dataset. */
export type SnippetLanguage = 'python' | 'R' | 'julia';

/** The language of the labels. */
export type Language = 'fr' | 'en';

/** A request for access, which goes to one steward. */
export interface IAccessRequest {
  id: number;
  steward: string;
  /** Their ids. */
  datasets: string[];
  purpose: string;
  person: string;
  state: string;
  /** An ISO time. */
  asked_at: string;
  /** What the steward answered. */
  comment: string;
}
