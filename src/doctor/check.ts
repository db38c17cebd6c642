import { remedyOf } from '../core/errors.js';
import { type Check, type Finding, problem } from '../core/finding.js';

/** Runs checks in order. */
export async function examine(
  checks: readonly Check[],
): Promise<readonly (Finding & { readonly name: string })[]> {
  const findings: (Finding & { readonly name: string })[] = [];
  for (const { name, run } of checks) findings.push({ name, ...(await findingOf(run)) });
  return findings;
}

/** What a check finds; one that throws has found a problem. */
export async function findingOf(run: Check['run']): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    return problem(error instanceof Error ? error.message : String(error), remedyOf(error));
  }
}
