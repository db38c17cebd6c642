import { remedyOf } from '../core/errors.js';

/** What a check found. `remedy` is what to do about it; null where nothing is to be done. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly remedy: string | null;
}

/** One thing `catnap doctor` looks at. */
export interface Check {
  readonly name: string;
  run(): Finding | Promise<Finding>;
}

export const ok = (detail: string): Finding => ({ level: 'ok', detail, remedy: null });
export const warning = (detail: string, remedy: string): Finding => ({ level: 'warning', detail, remedy });
export const problem = (detail: string, remedy: string): Finding => ({ level: 'problem', detail, remedy });

/** Runs checks in order; one that throws has found a problem. */
export async function examine(
  checks: readonly Check[],
): Promise<readonly (Finding & { readonly name: string })[]> {
  const findings: (Finding & { readonly name: string })[] = [];
  for (const check of checks) {
    try {
      findings.push({ name: check.name, ...(await check.run()) });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      findings.push({ name: check.name, ...problem(detail, remedyOf(error)) });
    }
  }
  return findings;
}
