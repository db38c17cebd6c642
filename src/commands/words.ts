import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import type { Decision } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { WordOutlook } from '../core/word-outlook.js';
import { asMeant } from '../core/words.js';
import { type ListenedWords, listenedWords, voicePlan } from '../runtime/plan.js';
import { createStage } from '../runtime/stages.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { takesAdvice } from '../voice/words/advice.js';
import {
  labelOfListed,
  nameOfWord,
  type OwnWordConfig,
  ownWordFrom,
  ownWordOf,
  takesFolderOf,
  wordByTakes,
} from '../voice/words/config.js';
import { takesLeftTold } from '../voice/words/forget-takes.js';
import { copyTakes, FEWEST_TAKES, gatherTakes, MOST_TAKES } from '../voice/words/gather-takes.js';
import { labelOf } from '../voice/words/labels.js';
import { planOwnWords } from '../voice/words/plan.js';
import { nearOn, refusalOf, reportOn } from '../voice/words/word-report.js';
import { cascadeIn, cascadeOf, collect, UNHURRIED_MS } from './bench-common.js';
import { cascadeCommands, type RegisterCommand } from './command.js';
import { requireRecording } from './recording.js';
import { timeOf } from './time-of.js';
import { removeWord, type WordRemoved, writeWord } from './words-file.js';
import { durationMs, type ListenFlags, listenToRoom } from './words-listen.js';
import { recordTakes, type TakesAsked } from './words-record.js';

const UNHURRIED = { budgetMs: UNHURRIED_MS };
/** Every score is shown, also where it cannot change the verdict. */
const BUDGETS = { tiny: UNHURRIED, heavy: { ...UNHURRIED, exact: true } };

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
    .argument('<phrase>', 'as it is spelt', asMeant)
    .option('--ipa <pronunciation>', 'how it is said, in IPA; may be given again', collect, [])
    .option('--sounds-like <words>', 'how it is said, in words that are spelt as they sound')
    .option('--takes <folder>', 'recordings of it, three to ten')
    .option('--anyway', 'also where it is too short or too long to work', false)
    .action(addWord);
  add('record', 'record takes of a word, or take them from a folder, and listen for it')
    .argument('<phrase>', 'as it is spelt; with --unspelt its label alone', asMeant)
    .option('--from <folder>', 'recordings of it; without, the microphone is recorded')
    .option('--takes <number>', `how many are recorded, ${FEWEST_TAKES} to ${MOST_TAKES}`, takeCount, 5)
    .option('--unspelt', 'a word of no spelling: its sounds alone are listened for', false)
    .option('--source <id>', 'which microphone of the configuration; the first unless given')
    .option('--device <name>', 'ALSA device, as `catnap devices` lists them')
    .action(recordWord);
  add('list', 'list the words a cascade listens for').action(list);
  add('try', 'look for a word in recordings: its score in each, and whether it would be believed')
    .argument('<phrase>', 'as it is spelt', asMeant)
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
  add('remove', 'listen for a word no longer, and delete the takes that were recorded of it')
    .argument('<name>', 'its label or spelling')
    .option('--keep-takes', 'leave the recordings where they are', false)
    .option('--anyway', 'also what else is said of it: where it leads to, its action, its thresholds', false)
    .action(remove);
};

async function addWord(phrase: string, flags: AddFlags): Promise<void> {
  const cascade = writtenCascade(flags);
  const listened = listenedWords(cascade);
  const label = requireNew(phrase, listened, flags.config);
  const asked = { ...flags, say: phrase };
  const report = await reportOn(asked, null);
  if (report.verdict === 'refuse' && !flags.anyway)
    throw new CatnapError('USAGE', `${refusalOf(phrase, report)}; --anyway overrides`);
  const isSpelt = flags.ipa.length === 0 && flags.soundsLike === undefined;
  const word = wordOf(phrase, { ...flags, ipa: isSpelt ? [] : report.ways.map(({ ipa }) => ipa) });
  await planOwnWords([ownWordFrom(dirname(flags.config), word)], BUDGETS);
  writeWord(word, flags, listened);
  if (!flags.json)
    process.stdout.write(
      `${render(phrase, report)}Written to ${flags.config}; its label in events is ${label}.\n${besides(cascade, listened)}` +
        'A Catnap that runs with it listens for it within a few seconds.\n',
    );
  // Looked for last: it takes longer than all the rest, and the word is listened for meanwhile.
  const near = await nearOn(asked, listened ?? []);
  const { longer: _, ...told } = report;
  process.stdout.write(flags.json ? `${JSON.stringify({ ...told, near })}\n` : nearTold(near));
}

/** What else is listened for, where the configuration did not say so before. */
function besides({ tiny }: VoiceConfig, listened: ListenedWords): string {
  if (tiny.words !== undefined) return '';
  const model = typeof tiny.model === 'string' ? tiny.model : tiny.model.kind;
  return listened === null
    ? `Until now every word of ${model} was listened for; from now on only this one: name those that stay.\n`
    : `Beside it ${listened.join(', ')} are listened for as before; \`catnap words remove\` takes out what is not wanted.\n`;
}

function render(phrase: string, report: WordOutlook): string {
  const ways = report.ways.map(({ ipa, basis }) => `  ${ipa}   (${basis})\n`);
  return `"${phrase}" is said\n${ways.join('')}${expected(report)}`;
}

function expected({ expected: { missedShare, falseAcceptsPerHour, basis }, because }: WordOutlook): string {
  const missed = Math.round(100 * missedShare);
  const lines = [
    `expect ${missed} of 100 missed and ${falseAcceptsPerHour} false accepts an hour of talk (${basis})`,
    ...because.map((reason) => `note: ${reason}`),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function nearTold(near: WordOutlook['near']): string {
  const texts = (words: WordOutlook['near']['own']) => words.map(({ text }) => `"${text}"`).join(', ');
  const lines = [
    ...(near.everyday.length === 0 ? [] : [`Note: sounds like ${texts(near.everyday)}, which may wake it`]),
    ...(near.own.length === 0
      ? []
      : [`Note: it may be taken for ${texts(near.own)}, listened for beside it, and the other way round`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface RecordFlags extends Flags, TakesAsked {
  readonly config: string;
  /** Folder of recordings; the microphone when left out. */
  readonly from?: string;
  readonly unspelt: boolean;
}

/** Takes of a word stand beside the configuration; a word that is there already gets new ones. */
async function recordWord(phrase: string, flags: RecordFlags): Promise<void> {
  const name = nameOfWord({ say: phrase });
  const takes = takesFolderOf(phrase);
  const listened = listenedWords(writtenCascade(flags));
  const known = ownWordOf(listened, name);
  const ipa = (known !== null && 'say' in known && !flags.unspelt ? known.ipa : undefined) ?? [];
  const { from } = flags;
  const { point, ...found } = await gatherTakes(
    resolve(dirname(flags.config), takes),
    { phrase: flags.unspelt ? null : phrase, ipa },
    (fresh, judges) =>
      from === undefined ? recordTakes(fresh, flags, judges) : copyTakes(fresh, from, judges),
  );
  const { accept } = point;
  writeWord(wordByTakes({ say: phrase, ipa }, !flags.unspelt, point), flags, listened);
  const { kept, leftOut } = found;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ name, ...found, ...point })}\n`);
    return;
  }
  for (const { why } of leftOut) process.stdout.write(`Left out ${why}.\n`);
  process.stdout.write(
    `${kept} takes in ${found.folder}; written to ${flags.config}, its label in events is ${name}.\n` +
      `Believed from ${accept}: by the others each take was ${shown(point.confidences)} sure.\n`,
  );
  for (const advice of takesAdvice(point)) process.stdout.write(`note: ${advice}\n`);
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

/** The word that is asked for, as the configuration will have it; its takes are found from there. */
function wordOf(phrase: string, { config, ipa, takes }: AddFlags): OwnWordConfig {
  return {
    say: phrase,
    ...(ipa.length === 0 ? {} : { ipa: [...ipa] }),
    ...(takes === undefined ? {} : { takes: `./${relative(dirname(config), takes)}` }),
  };
}

/** @returns its label. */
function requireNew(phrase: string, listened: ListenedWords, config: string): string {
  requireLetters(phrase);
  const name = nameOfWord({ say: phrase });
  const same = labelOf(name, listened?.map(labelOfListed) ?? []);
  if (same !== null)
    throw new CatnapError('USAGE', `"${same}": ${config} listens for it already; remove it first`);
  return name;
}

function requireLetters(phrase: string): void {
  if (!/\p{L}/u.test(phrase))
    throw new CatnapError('USAGE', `"${phrase}": expected a word or phrase in letters`);
}

/** The cascade as the configuration has it; takes that have gone are no hindrance. */
function writtenCascade({ config, cascade }: Flags): VoiceConfig {
  return cascadeIn(loadConfig(config, process.env, needsNothing), cascade, 'voice');
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

/** A word of the configuration is tried as it stands there, with its takes; any other as it is spelt. */
async function tryWord(phrase: string, files: readonly string[], flags: AddFlags): Promise<void> {
  requireLetters(phrase);
  for (const file of files) requireRecording(file);
  const listened = existsSync(flags.config) ? listenedWords(writtenCascade(flags)) : null;
  const known = flags.ipa.length > 0 ? null : ownWordOf(listened, nameOfWord({ say: phrase }));
  const word = known ?? wordOf(phrase, flags);
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
  const { kind, confidence, thresholds } = decision;
  const from = thresholds === undefined ? '' : ` (believed from ${thresholds.accept})`;
  return `${kind === 'accept' ? 'heard' : 'not heard'}, confidence ${confidence.toFixed(2)}${from}`;
}

interface RemoveFlags extends Flags {
  readonly keepTakes: boolean;
  readonly anyway: boolean;
}

function remove(called: string, flags: RemoveFlags): void {
  const { isLast, along, takes } = removedWord(called, flags);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ removed: called, along, takes })}\n`);
    return;
  }
  process.stdout.write(
    `"${called}" is listened for no longer${isLast ? ', but every trained word again' : ''}; by a Catnap that runs, within a few seconds\n`,
  );
  if (along.length > 0) process.stdout.write(`Taken out with it: ${along.join(', ')}.\n`);
  if (takes !== null) process.stdout.write(`${takesLeftTold(takes)}\n`);
}

function removedWord(called: string, flags: RemoveFlags): WordRemoved {
  const { keepTakes, anyway } = flags;
  const listened = listenedWords(writtenCascade(flags));
  try {
    return removeWord(called, flags, { takes: keepTakes ? 'keep' : 'delete', anyway, listened });
  } catch (error) {
    if (!(error instanceof CatnapError) || error.code !== 'WORD_IN_USE') throw error;
    throw new CatnapError(error.code, `${error.message}; --anyway takes that out with it`);
  }
}
