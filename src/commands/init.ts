import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
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

type Question = (text: string, fallback: string) => Promise<string>;

async function ask(): Promise<InitAnswers> {
  if (!process.stdin.isTTY)
    throw new CatnapError(
      'USAGE',
      'init: expected a terminal to ask on, found none; --yes takes the defaults',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // The end of the input would otherwise leave a question open for ever.
  terminal.once('close', () => closed.abort());
  const question: Question = async (text, fallback) => {
    const answer = await terminal.question(`${text}${fallback ? ` [${fallback}]` : ''}: `, closed);
    return answer.trim() || fallback;
  };
  try {
    const name = await question('Name of this device', DEFAULTS.name);
    const kind = await choose(question, 'What to watch', ['microphone', 'serial', 'csv']);
    const source: InitAnswers['source'] =
      kind === 'microphone'
        ? { kind, device: await question('Microphone (see `catnap devices`)', 'default') }
        : {
            kind,
            path: await question('Path', kind === 'csv' ? 'pump.csv' : '/dev/serial/by-id/'),
          };
    return { name, source, cloudUrl: await cloud(question) };
  } finally {
    terminal.close();
  }
}

async function cloud(question: Question): Promise<string | null> {
  for (;;) {
    const url = await question('WebSocket address of the cloud (empty: nothing leaves the device)', '');
    if (url === '') return null;
    if (/^wss?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return url;
    process.stderr.write(`expected an address that begins with ws:// or wss://, found "${url}"\n`);
  }
}

async function choose<T extends string>(
  question: Question,
  text: string,
  options: readonly [T, ...T[]],
): Promise<T> {
  for (;;) {
    const answer = await question(`${text} (${options.join(', ')})`, options[0]);
    const chosen = options.find((option) => option === answer);
    if (chosen) return chosen;
    process.stderr.write(`expected one of ${options.join(', ')}, found "${answer}"\n`);
  }
}
