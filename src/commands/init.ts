import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface, type Interface } from 'node:readline/promises';
import { type InitAnswers, renderConfig } from '../config/template.js';
import { CatnapError } from '../core/errors.js';
import type { RegisterCommand } from './command.js';

interface InitOptions {
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

const DEFAULTS: InitAnswers = {
  name: hostname(),
  source: { kind: 'microphone', device: 'default' },
  cloudUrl: null,
};

/** `catnap init`: writes a commented configuration by asking, or with defaults. */
export const registerInit: RegisterCommand = (program) => {
  program
    .command('init')
    .description('write a commented configuration by asking a few questions')
    .argument('[file]', 'where to write it', 'catnap.yaml')
    .option('-y, --yes', 'ask nothing, take the defaults', false)
    .option('-f, --force', 'overwrite an existing file', false)
    .option('--json', 'print the result as JSON', false)
    .action(async (file: string, options: InitOptions) => {
      if (existsSync(file) && !options.force)
        throw new CatnapError('USAGE', `init: expected ${file} not to exist, found it; --force overwrites`);
      const answers = options.yes ? DEFAULTS : await ask();
      const partial = `${file}.partial`;
      try {
        writeFileSync(partial, renderConfig(answers), { mode: 0o644 });
        renameSync(partial, file);
      } catch (cause) {
        rmSync(partial, { force: true });
        const found = cause instanceof Error ? cause.message : String(cause);
        throw new CatnapError(
          'OUTPUT_UNWRITABLE',
          `${file}: expected to write a file there, found ${found}`,
          {
            cause,
          },
        );
      }
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, ...answers })}\n`
          : `Wrote ${file}. Start with: catnap run ${file}\n`,
      );
    });
};

async function ask(): Promise<InitAnswers> {
  if (!process.stdin.isTTY)
    throw new CatnapError(
      'USAGE',
      'init: expected a terminal to ask on, found none; --yes takes the defaults',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const name = await question(terminal, 'Name of this device', DEFAULTS.name);
    const kind = await choose(terminal, 'What to watch', ['microphone', 'serial', 'csv']);
    const source: InitAnswers['source'] =
      kind === 'microphone'
        ? { kind, device: await question(terminal, 'Microphone (see `catnap devices`)', 'default') }
        : {
            kind,
            path: await question(terminal, 'Path', kind === 'csv' ? 'pump.csv' : '/dev/serial/by-id/'),
          };
    const url = await question(
      terminal,
      'WebSocket address of the cloud (empty: nothing leaves the device)',
      '',
    );
    return { name, source, cloudUrl: url === '' ? null : url };
  } finally {
    terminal.close();
  }
}

async function question(terminal: Interface, text: string, fallback: string): Promise<string> {
  return (await terminal.question(`${text}${fallback ? ` [${fallback}]` : ''}: `)).trim() || fallback;
}

async function choose<T extends string>(
  terminal: Interface,
  text: string,
  options: readonly [T, ...T[]],
): Promise<T> {
  for (;;) {
    const answer = await question(terminal, `${text} (${options.join(', ')})`, options[0]);
    const chosen = options.find((option) => option === answer);
    if (chosen) return chosen;
  }
}
