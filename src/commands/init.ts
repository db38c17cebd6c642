import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { type InitAnswers, type InitThing, renderConfig } from '../config/first-config.js';
import { CatnapError } from '../core/errors.js';
import type { Ask } from '../core/kind.js';
import * as z from '../core/zod.js';
import { shippedModel } from '../models/manifest.js';
import { askableProviders } from '../runtime/providers.js';
import { type SourceConfig, sourceKindsWith } from '../runtime/sources.js';
import type { SourceKind } from '../sources/source-kind.js';
import { knownWords } from '../voice/words/known.js';
import { labelOf } from '../voice/words/labels.js';
import type { RegisterCommand } from './command.js';
import { writeOutput } from './output-file.js';

/** Every word that the model knows. */
const ALL = 'all';

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
      writeOutput(file, renderConfig(answered), 0o644);
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
  const source = { kind: chosen.kind, ...(await chosen.question(await withAttached(ask, chosen))) };
  const { cascade } = chosen.schema(z).parse({ id: source.id, kind: source.kind, ...source.settings });
  return {
    name,
    source,
    words: cascade === 'voice' ? await words(ask) : null,
    provider: await provider(ask),
    broker: await broker(ask),
  };
}

/** Shows what of a kind there is on this machine; its number stands for it. */
async function withAttached(
  ask: Ask,
  { attached }: Pick<SourceKind<SourceConfig>, 'attached'>,
): Promise<Ask> {
  const { title, devices } = (await attached?.()) ?? { title: '', devices: [] };
  if (devices.length === 0) return ask;
  const lines = devices.map(({ line }, index) => `  ${index + 1}  ${line}\n`);
  return async (text, fallback) => {
    process.stderr.write(`${title}\n${lines.join('')}`);
    const answer = await ask(`${text}, or its number`, fallback);
    const { about } = devices[Number(answer) - 1] ?? {};
    return Object.values(about ?? {})[0] ?? answer;
  };
}

/** Which of the shipped words to listen for. */
async function words(ask: Ask): Promise<InitAnswers['words']> {
  const known = knownWords(shippedModel('wake-tiny').manifest);
  for (;;) {
    const answer = await ask(`What to listen for, of ${known.join(', ')}`, ALL);
    if (answer === ALL) return null;
    const chosen = answer.split(/\s*[,;]\s*/u).map((word) => [word, labelOf(word, known)] as const);
    const unknown = chosen.find(([, label]) => label === null);
    if (unknown === undefined) return chosen.flatMap(([, label]) => label ?? []);
    const own = '`catnap words add` takes words of your own';
    process.stderr.write(`expected words of the list, or all, found "${unknown[0]}"; ${own}\n`);
  }
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

/** Where the house is told; whoever has none just goes on. */
async function broker(ask: Ask): Promise<string | null> {
  for (;;) {
    const answer = await ask('MQTT broker of the house, as mqtt://homeassistant.local:1883, or none', 'none');
    if (answer === 'none') return null;
    if (/^(mqtts?|wss?):$/.test(URL.canParse(answer) ? new URL(answer).protocol : '')) return answer;
    process.stderr.write(`expected an address as mqtt://host:1883, or none, found "${answer}"\n`);
  }
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
