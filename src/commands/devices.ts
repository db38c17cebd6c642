import { sourceKindsWith } from '../runtime/sources.js';
import type { Attached } from '../sources/source-kind.js';
import type { RegisterCommand } from './command.js';

/** `catnap devices`: microphones and serial boards, by the names a configuration wants. */
export const registerDevices: RegisterCommand = (program) => {
  program
    .command('devices')
    .description('list microphones and serial boards by the names a configuration wants')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const all = await Promise.all(sourceKindsWith('attached').map((kind) => kind.attached()));
      process.stdout.write(json ? `${JSON.stringify(asObject(all))}\n` : all.map(asLines).join(''));
    });
};

function asObject(all: readonly Attached[]): object {
  const problem = all.map((attached) => attached.problem).find((found) => found !== null) ?? null;
  const found = all.map(({ name, devices }) => [name, devices.map(({ about }) => about)]);
  return { ...Object.fromEntries(found), problem };
}

function asLines({ title, devices, problem }: Attached): string {
  const lines = devices.map(({ line }) => line);
  if (lines.length === 0) lines.push(problem === null ? 'none' : `none: ${problem}`);
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
