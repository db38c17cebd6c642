/** What a check found. `remedy` is what to do about it; null where nothing is to be done. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly remedy: string | null;
}

/** One or several. */
export type Findings = Finding | readonly Finding[];

/** One thing `catnap doctor` looks at. */
export interface Check {
  readonly name: string;
  readonly run: () => Findings | Promise<Findings>;
}

export const ok = (detail: string): Finding => ({ level: 'ok', detail, remedy: null });
export const warning = (detail: string, remedy: string): Finding => ({ level: 'warning', detail, remedy });
export const problem = (detail: string, remedy: string): Finding => ({ level: 'problem', detail, remedy });
