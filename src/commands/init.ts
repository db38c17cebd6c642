import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { type InitAnswers, type InitThing, renderConfig } from '../config/first-config.js';
import { CatnapError } from '../core/errors.js';
import type { Ask } from '../core/kind.js';
import { replaceFile } from '../files/replace-file.js';
import { askableProviders } from '../runtime/providers.js';
import { sourceKindsWith } from '../runtime/sources.js';
import type { RegisterCommand } from './command.js';

interface InitOptions {
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

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
      const answered = options.yes ? await answers(async (_, fallback) => fallback) : await askPerson();
      try {
        replaceFile(file, renderConfig(answered), 0o644);
      } catch (cause) {
        const found = cause instanceof Error ? cause.message : String(cause);
        throw new CatnapError(
          'OUTPUT_UNWRITABLE',
          `${file}: expected to write a file there, found ${found}`,
          {
            cause,
          },
        );
      }
      const { name, source, provider } = answered;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, name, source: shown(source), provider: provider && shown(provider) })}\n`
          : `Wrote ${file}. Start with: catnap run ${file}\n`,
      );
    });
};

async function askPerson(): Promise<InitAnswers> {
  if (!process.stdin.isTTY)
    throw new CatnapError(
      'USAGE',
      'init: expected a terminal to ask on, found none; --yes takes the defaults',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // The end of the input would otherwise leave a question open for ever.
  terminal.once('close', () => closed.abort());
  const ask: Ask = async (text, fallback) => {
    const answer = await terminal.question(`${text}${fallback ? ` [${fallback}]` : ''}: `, closed);
    return answer.trim() || fallback;
  };
  try {
    return await answers(ask);
  } finally {
    terminal.close();
  }
}

function shown({ kind, settings }: InitThing): Readonly<Record<string, string>> {
  return { kind, ...settings };
}

async function answers(ask: Ask): Promise<InitAnswers> {
  const name = await ask('Name of this device', hostname());
  const chosen = await choose(ask, 'What to watch', sourceKindsWith('question'));
  const source = { kind: chosen.kind, ...(await chosen.question(ask)) };
  return { name, source, provider: await provider(ask) };
}

/** What escalations go to; nobody asks about it where nothing is to leave the device. */
async function provider(ask: Ask): Promise<InitAnswers['provider']> {
  const kinds = askableProviders();
  const { kind } = await choose<{ readonly kind: string }>(ask, 'What may be asked over the network', [
    { kind: 'none' },
    ...kinds,
  ]);
  const chosen = kinds.find((candidate) => candidate.kind === kind);
  return chosen === undefined ? null : { kind, ...(await chosen.question(ask)) };
}

async function choose<T extends { readonly kind: string }>(
  ask: Ask,
  text: string,
  options: readonly [T, ...T[]],
): Promise<T> {
  const known = options.map(({ kind }) => kind).join(', ');
  for (;;) {
    const answer = await ask(`${text} (${known})`, options[0].kind);
    const chosen = options.find(({ kind }) => kind === answer);
    if (chosen) return chosen;
    process.stderr.write(`expected one of ${known}, found "${answer}"\n`);
  }
}
