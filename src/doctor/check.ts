import { remedyOf } from '../core/errors.js';
import { type Check, type Finding, type Findings, problem } from '../core/finding.js';

/** Runs checks in order. */
export async function examine(
  checks: readonly Check[],
): Promise<readonly (Finding & { readonly name: string })[]> {
  const findings: (Finding & { readonly name: string })[] = [];
  for (const { name, run } of checks)
    for (const finding of await findingsOf(run)) findings.push({ name, ...finding });
  return findings;
}

/** What a check finds; one that throws has found a problem. */
export async function findingsOf(run: Check['run']): Promise<readonly Finding[]> {
  try {
    return listed(await run());
  } catch (error) {
    return [problem(error instanceof Error ? error.message : String(error), remedyOf(error))];
  }
}

function listed(found: Findings): readonly Finding[] {
  return 'level' in found ? [found] : found;
}
