import { dirname, relative, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { isSeq } from 'yaml';
import { editConfig } from '../config/edit.js';
import { loadConfig, needsNothing } from '../config/load.js';
import type { Decision } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import { MODELS_FOLDER, shippedModel } from '../models/manifest.js';
import { voicePlan } from '../runtime/plan.js';
import { createStage } from '../runtime/stages.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { type Advice, adviseOn } from '../voice/words/advice.js';
import { nameOfWord, type OwnWordConfig, ownWordFrom, ownWordSchema } from '../voice/words/config.js';
import { PhoneInventory } from '../voice/words/phones.js';
import { planOwnWords } from '../voice/words/plan.js';
import { Pronouncer, type Pronunciation } from '../voice/words/pronunciations.js';
import { cascadeOf, collect, UNHURRIED_MS } from './bench-common.js';
import { cascadeCommands, type RegisterCommand } from './command.js';
import { timeOf } from './time-of.js';
import { indexOfWord, writeWord } from './words-file.js';
import { durationMs, type ListenFlags, listenToRoom } from './words-listen.js';
import { longerPhrases, type Near, nearTo } from './words-near.js';
import { FEWEST_TAKES, gatherTakes, MOST_TAKES, type TakesAsked } from './words-record.js';

const UNHURRIED = { budgetMs: UNHURRIED_MS };
const BUDGETS = { tiny: UNHURRIED, heavy: UNHURRIED };

interface Flags {
  readonly config: string;
  readonly cascade: string;
  readonly json: boolean;
}

interface AddFlags extends Flags {
  readonly ipa: readonly string[];
  readonly soundsLike?: string;
  readonly takes?: string;
  readonly anyway: boolean;
}

/** `catnap words`: wake words of one's own. */
export const registerWords: RegisterCommand = (program) => {
  const words = program.command('words').description('wake words of your own: typed or spoken, no training');
  const add = cascadeCommands(words);
  add('add', 'say what to expect of a word, and listen for it')
    .argument('<phrase>', 'as it is spelt')
    .option('--ipa <pronunciation>', 'how it is said, in IPA; may be given again', collect, [])
    .option('--sounds-like <words>', 'how it is said, in words that are spelt as they sound')
    .option('--takes <folder>', 'recordings of it, three to ten')
    .option('--anyway', 'also where it is too short to work', false)
    .action(addWord);
  add('record', 'record takes of a word, or take them from a folder, and listen for it')
    .argument('<phrase>', 'as it is spelt; with --unspelt its label alone')
    .option('--from <folder>', 'recordings of it; without, the microphone is recorded')
    .option('--takes <number>', `how many are recorded, ${FEWEST_TAKES} to ${MOST_TAKES}`, takeCount, 5)
    .option('--unspelt', 'a word of no spelling: its sounds alone are listened for', false)
    .option('--source <id>', 'which microphone of the configuration; the first unless given')
    .option('--device <name>', 'ALSA device, as `catnap devices` lists them')
    .action(recordWord);
  add('list', 'list the words a cascade listens for').action(list);
  add('try', 'look for a word in recordings: its score in each, and whether it would be believed')
    .argument('<phrase>', 'as it is spelt')
    .argument('<file...>', 'recordings')
    .option('--ipa <pronunciation>', 'how it is said, in IPA; may be given again', collect, [])
    .action(tryWord);
  add('listen', 'hear the room while nobody says a word, and set from which confidence each is believed')
    .addOption(
      new Option('--for <time>', 'how long, as 90s, 20m or 1h')
        .argParser(durationMs)
        .default(durationMs('20m'), '20m'),
    )
    .option('--from <file>', 'a recording of the room instead; may be given again', collect, [])
    .option(
      '--since <time>',
      'what a Catnap that runs has heard instead, from this time on, as 2h or 7d ago',
      timeOf,
    )
    .option('--word <name>', 'only this one of your own words')
    .option('--source <id>', 'which source of the configuration; the first of the cascade unless given')
    .action((flags: ListenFlags) => listenToRoom(flags));
  add('remove', 'listen for a word no longer').argument('<name>', 'its label or spelling').action(remove);
};

async function addWord(phrase: string, asked: AddFlags): Promise<void> {
  const flags = { ...asked, ipa: [...asked.ipa, ...(await soundsOf(asked))] };
  const word = wordOf(phrase, flags);
  const before = loadConfig(flags.config, process.env, needsNothing).cascades[flags.cascade];
  if (before?.kind === 'voice') refuseTwice(word, before, flags);
  const inventory = new PhoneInventory(shippedModel('phones').manifest.labels);
  const ways = await waysOf(phrase, flags.ipa, inventory);
  const advice = adviseOn(ways, inventory);
  const pronouncer = new Pronouncer(`${MODELS_FOLDER}spelling`, inventory);
  try {
    if (advice.verdict === 'refuse' && !flags.anyway) {
      const better = (await longerPhrases(phrase, { inventory, pronouncer })).map((each) => `"${each}"`);
      const remedy = better.length === 0 ? 'take a longer one' : `take ${better.join(' or ')}`;
      throw new CatnapError(
        'USAGE',
        `"${phrase}": ${advice.because.join('; ')}; ${remedy}; --anyway overrides`,
      );
    }
    await planOwnWords([ownWordFrom(dirname(flags.config), word)], BUDGETS);
    writeWord(word, flags);
    const words = before?.kind === 'voice' ? before.tiny.words : undefined;
    const near = await nearTo(phrase, ways, { inventory, pronouncer, words });
    const said = ways.map(({ phones, basis }) => ({ ipa: inventory.text(phones), basis }));
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({ name: nameOfWord(word), ways: said, ...advice, near })}\n`);
      return;
    }
    process.stdout.write(`"${phrase}" is said\n`);
    for (const { ipa, basis } of said) process.stdout.write(`  ${ipa}   (${basis})\n`);
    process.stdout.write(expected(advice, near));
  } finally {
    await pronouncer.dispose();
  }
  process.stdout.write(`Written to ${flags.config}; its label in events is ${nameOfWord(word)}.\n`);
  if (before?.kind === 'voice' && before.tiny.words === undefined)
    process.stdout.write(
      `Until now every word of ${nameOfModel(before)} was listened for; from now on only this one: name those that stay.\n`,
    );
  process.stdout.write('A Catnap that runs with it listens for it within a few seconds.\n');
}

function expected({ expected: { missedShare, falseAcceptsPerHour }, because }: Advice, near: Near): string {
  const missed = Math.round(100 * missedShare);
  const texts = (words: Near['own']) => words.map(({ text }) => `"${text}"`).join(', ');
  const lines = [
    `expect ${missed} of 100 missed and ${falseAcceptsPerHour} false accepts an hour of talk, as of other words as long`,
    ...because.map((reason) => `note: ${reason}`),
    ...(near.everyday.length === 0 ? [] : [`note: sounds like ${texts(near.everyday)}, which may wake it`]),
    ...(near.own.length === 0
      ? []
      : [`note: one of it and ${texts(near.own)}, which is listened for, may be taken for the other`]),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

/** How a word is said that sounds as other words are spelt. */
async function soundsOf({ soundsLike }: AddFlags): Promise<readonly string[]> {
  if (soundsLike === undefined) return [];
  const inventory = new PhoneInventory(shippedModel('phones').manifest.labels);
  return (await waysOf(soundsLike, [], inventory)).map(({ phones }) => inventory.text(phones));
}

interface RecordFlags extends Flags, Omit<TakesAsked, 'phrase'> {
  readonly config: string;
  readonly unspelt: boolean;
}

/** Takes of a word stand beside the configuration; a word that is there already gets new ones. */
async function recordWord(phrase: string, flags: RecordFlags): Promise<void> {
  const spelt: OwnWordConfig = { say: phrase };
  const name = nameOfWord(spelt);
  const takes = `./takes/${name}`;
  if (!ownWordSchema.safeParse({ name, takes }).success)
    throw new CatnapError(
      'USAGE',
      `"${phrase}": expected letters, digits, - and spaces, for a label and a folder`,
    );
  const word: OwnWordConfig = flags.unspelt ? { name, takes } : { ...spelt, takes };
  loadConfig(flags.config, process.env, needsNothing);
  const asked = { ...flags, phrase: flags.unspelt ? null : phrase };
  const { point, ...found } = await gatherTakes(resolve(dirname(flags.config), takes), asked);
  const { accept } = point;
  writeWord({ ...word, accept }, flags);
  const { kept, leftOut } = found;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ name, ...found, ...point })}\n`);
    return;
  }
  for (const file of leftOut)
    process.stdout.write(`Left out ${file}: of something else, or without speech.\n`);
  process.stdout.write(
    `${kept} takes in ${found.folder}; written to ${flags.config}, its label in events is ${name}.\n` +
      `Believed from ${accept}: by the others each take was ${shown(point.confidences)} sure.\n`,
  );
  if (Math.min(...point.confidences) < accept)
    process.stdout.write(
      'note: not every take would have been heard by the others; record it again in one manner, or take a longer word\n',
    );
}

function shown(confidences: readonly number[]): string {
  return confidences.map((confidence) => confidence.toFixed(2)).join(', ');
}

function takeCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= FEWEST_TAKES && count <= MOST_TAKES) return count;
  throw new InvalidArgumentError(`expected a whole number from ${FEWEST_TAKES} to ${MOST_TAKES}`);
}

/** The word that is asked for, as the configuration has it; its takes are found from there. */
function wordOf(phrase: string, { config, ipa, takes }: AddFlags): OwnWordConfig {
  if (!/\p{L}/u.test(phrase))
    throw new CatnapError('USAGE', `"${phrase}": expected a word or phrase in letters`);
  return {
    say: phrase,
    ...(ipa.length === 0 ? {} : { ipa: [...ipa] }),
    ...(takes === undefined ? {} : { takes: `./${relative(dirname(config), takes)}` }),
  };
}

function refuseTwice(word: OwnWordConfig, { tiny }: VoiceConfig, { config }: Flags): void {
  const name = nameOfWord(word);
  const labels = (tiny.words ?? []).map((each) => (typeof each === 'string' ? each : nameOfWord(each)));
  if (labels.includes(name))
    throw new CatnapError('USAGE', `"${name}": ${config} listens for it already; remove it first`);
}

function nameOfModel({ tiny: { model } }: VoiceConfig): string {
  return typeof model === 'string' ? model : model.kind;
}

async function waysOf(
  phrase: string,
  ipa: readonly string[],
  inventory: PhoneInventory,
): Promise<readonly Pronunciation[]> {
  if (ipa.length > 0) return ipa.map((each) => ({ phones: inventory.parse(each), basis: 'given' }));
  const pronouncer = new Pronouncer(`${MODELS_FOLDER}spelling`, inventory);
  return pronouncer.ways(phrase).finally(() => pronouncer.dispose());
}

async function list(flags: Flags): Promise<void> {
  const words = await labelsOf(cascadeOf(flags, 'voice'));
  process.stdout.write(flags.json ? `${JSON.stringify(words)}\n` : words.map((word) => `${word}\n`).join(''));
}

/** Trained words first; own ones are not planned, for their takes may have gone. */
async function labelsOf(cascade: VoiceConfig): Promise<readonly string[]> {
  const { tiny } = cascade;
  const trained = tiny.words?.filter((word) => typeof word === 'string');
  const own = (tiny.words ?? []).filter((word) => typeof word !== 'string').map(nameOfWord);
  if (trained?.length === 0) return own;
  const only = trained === undefined ? tiny : { ...tiny, words: trained };
  return [...(await voicePlan({ ...cascade, tiny: only })).words, ...own];
}

async function tryWord(phrase: string, files: readonly string[], flags: AddFlags): Promise<void> {
  const word = wordOf(phrase, flags);
  const stage = await createStage((await planOwnWords([word], BUDGETS)).heavy);
  try {
    for (const file of files) {
      const data = await readAudio(resolve(file));
      const window = { source: 'try', startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1, data };
      const decision = await stage.decide(window, new AbortController().signal);
      process.stdout.write(
        flags.json ? `${JSON.stringify({ file, decision })}\n` : `${file}: ${wordsFor(decision)}\n`,
      );
    }
  } finally {
    await stage.dispose();
  }
}

function wordsFor(decision: Decision): string {
  if (decision.kind === 'abstain') return `could not be judged: ${decision.code}`;
  return `${decision.kind === 'accept' ? 'heard' : 'not heard'}, confidence ${decision.confidence.toFixed(2)}`;
}

function remove(called: string, flags: Flags): void {
  editConfig(flags.config, (document) => {
    const words = document.getIn(['cascades', flags.cascade, 'tiny', 'words'], true);
    const index = isSeq(words) ? indexOfWord(words, called) : -1;
    if (!isSeq(words) || index === -1)
      throw new CatnapError(
        'USAGE',
        `"${called}": expected a word of ${flags.config}, found none of that name`,
      );
    if (words.items.length === 1) document.deleteIn(['cascades', flags.cascade, 'tiny', 'words']);
    else words.delete(index);
  });
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ removed: called })}\n`
      : `"${called}" is listened for no longer; by a Catnap that runs, within a few seconds\n`,
  );
}
