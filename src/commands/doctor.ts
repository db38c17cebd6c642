import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatIssue, loadConfig } from '../config/load.js';
import { EXIT } from '../core/errors.js';
import { type Check, type Finding, problem } from '../core/finding.js';
import { examine } from '../doctor/check.js';
import { configChecks, machineChecks, unconfiguredChecks } from '../doctor/checks.js';
import { systemClock, systemTime } from '../runtime/process/system-clock.js';
import type { RegisterCommand } from './command.js';

const DEFAULT_CONFIG = 'catnap.yaml';
const MARKS: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  problem: 'PROBLEM',
};

/** `catnap doctor`: looks at everything a configuration needs and says what to do about what is missing. */
export const registerDoctor: RegisterCommand = (program) => {
  program
    .command('doctor')
    .description('check microphone, boards, models, cloud, disk, port and clock')
    .argument('[config]', `configuration to check for; ${DEFAULT_CONFIG} if it is there`)
    .option('--json', 'print the findings as JSON', false)
    .action(async (path: string | undefined, options: { readonly json: boolean }) => {
      const file = path ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
      const checks = [
        ...machineChecks(systemClock.wallMs()),
        ...(file === null ? unconfiguredChecks(systemTime) : checksOf(file)),
      ];
      const findings = await examine(checks);
      const problems = findings.filter(({ level }) => level === 'problem').length;
      if (options.json) process.stdout.write(`${JSON.stringify({ problems, findings })}\n`);
      else for (const finding of findings) process.stdout.write(render(finding));
      process.exitCode = problems > 0 ? EXIT.unavailable : EXIT.ok;
    });
};

/** A secret that is missing keeps nobody from looking at the rest. */
function checksOf(file: string): readonly Check[] {
  const missing: Check[] = [];
  const config = loadConfig(file, process.env, (need, issue) => {
    const remedy = 'set it, or write the file, for whoever starts Catnap';
    // What a source plays is looked at with the source.
    if (need === 'secret') missing.push({ name: need, run: () => problem(formatIssue(issue), remedy) });
    return 'passed-over';
  });
  return [...missing, ...configChecks(config, dirname(file), systemTime)];
}

function render({ name, level, detail, remedy }: Finding & { readonly name: string }): string {
  return `${MARKS[level]}  ${name}: ${detail}${remedy === null ? '' : `\n         -> ${remedy}`}\n`;
}
