import { remedyOf } from '../core/errors.js';
import { type Check, type Finding, problem } from '../core/finding.js';

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
