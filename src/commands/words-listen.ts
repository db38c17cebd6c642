import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { SingleBar } from 'cli-progress';
import { InvalidArgumentError } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import { nullMeter } from '../core/metering/meter.js';
import type { Frame, Source } from '../core/signal/frame.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type Config, standardConfig } from '../runtime/config.js';
import { replay } from '../runtime/replay.js';
import { createLoneSource } from '../runtime/sources.js';
import type { VoiceConfig } from '../voice/config.js';
import { nameOfWord, type OwnWordConfig } from '../voice/words/config.js';
import { EVEN_ACCEPT } from '../voice/words/own-word.js';
import { leastAccept, NearWakes, type OperatingPoint, operatingPoint } from '../voice/words/room.js';
import { cascadeIn } from './bench-common.js';
import { openRecording, requireRecording } from './recording.js';
import { keptIn, stateDirOf } from './state-dir.js';
import { writeAccepts } from './words-file.js';

/** What `catnap words listen` is asked. */
export interface ListenFlags {
  readonly config: string;
  readonly cascade: string;
  readonly source?: string;
  /** Milliseconds. */
  readonly for: number;
  readonly from: readonly string[];
  readonly since?: string;
  readonly word?: string;
  readonly json: boolean;
}

/** What a word was given, and what it had. */
interface Tuned extends OperatingPoint {
  readonly name: string;
  readonly before: number;
}

const HOUR_MS = 3_600_000;

/** Hears the room for a while in which nobody says the words, and sets from which confidence each is believed. */
export async function listenToRoom(flags: ListenFlags): Promise<void> {
  const config = loadConfig(flags.config, process.env, needsNothing);
  const cascade = cascadeIn(config, flags.cascade, 'voice');
  const words = wordsAsked(cascade, flags);
  const isJournal = flags.since !== undefined;
  const near = new NearWakes(!isJournal);
  const heardMs = isJournal
    ? await readJournal(flags, near)
    : await hearRoom(config, onlyWords(cascade, words), flags, near);
  if (heardMs === 0)
    throw new CatnapError('INPUT_MISSING', 'words listen: expected sound to listen to, heard none');
  const hours = heardMs / HOUR_MS;
  const tuned = words.map((word): Tuned => {
    const name = nameOfWord(word);
    const before = word.accept ?? EVEN_ACCEPT;
    return { name, before, ...operatingPoint({ ...near.of(name), hours, least: leastAccept(word) }) };
  });
  write(tuned, flags);
  process.stdout.write(flags.json ? `${JSON.stringify({ hours, words: tuned })}\n` : render(tuned, hours));
}

/** Milliseconds of 90s, 20m or 1h. */
export function durationMs(text: string): number {
  const found = /^(\d+(?:\.\d+)?)([smh])$/.exec(text);
  const ms =
    found === null ? 0 : Number(found[1]) * { s: 1000, m: 60_000, h: HOUR_MS }[found[2] as 's' | 'm' | 'h'];
  if (ms > 0) return ms;
  throw new InvalidArgumentError('expected a duration like 90s, 20m or 1h');
}

function wordsAsked({ tiny }: VoiceConfig, { word, config }: ListenFlags): readonly OwnWordConfig[] {
  const own = (tiny.words ?? []).filter((each) => typeof each !== 'string');
  const asked = own.filter((each) => word === undefined || nameOfWord(each) === word);
  if (asked.length > 0) return asked;
  throw new CatnapError(
    'USAGE',
    own.length === 0
      ? `words listen: expected a word of your own in ${config}, found none; \`catnap words add\` writes one`
      : `--word: expected one of ${own.map(nameOfWord).join(', ')}, found "${word ?? ''}"`,
  );
}

/** The cascade with these words and nothing that follows one. */
function onlyWords(cascade: VoiceConfig, words: readonly OwnWordConfig[]): VoiceConfig {
  const utterance = { ...cascade.utterance, enabled: false };
  return { ...cascade, utterance, wakeActions: {}, tiny: { ...cascade.tiny, words: [...words] } };
}

/** Milliseconds that were heard. */
async function hearRoom(
  config: Config,
  cascade: VoiceConfig,
  flags: ListenFlags,
  near: NearWakes,
): Promise<number> {
  const files = flags.from;
  for (const file of files) requireRecording(file);
  const onEvent = (event: CascadeEvent): void => near.take(event);
  let heardMs = 0;
  if (files.length === 0) {
    return hear(await sourceAsked(config, flags), cascade, flags.for, onEvent);
  }
  for (const path of files) {
    const place = { config, configPath: flags.config, rateHz: null, onRead: () => {} };
    const { source } = await openRecording(path, place);
    heardMs += await hear(source, cascade, Number.POSITIVE_INFINITY, onEvent);
  }
  return heardMs;
}

/** The source of the configuration that the cascade listens to. */
async function sourceAsked({ sources }: Config, flags: ListenFlags): Promise<Source> {
  const wanted = sources.find(({ id, cascade }) => cascade === flags.cascade && id === (flags.source ?? id));
  if (wanted === undefined)
    throw new CatnapError(
      'USAGE',
      `--source: expected a source of ${flags.config} with the cascade ${flags.cascade}, found none`,
    );
  return createLoneSource(wanted, dirname(flags.config));
}

async function hear(
  source: Source,
  cascade: VoiceConfig,
  mostMs: number,
  onEvent: (event: CascadeEvent) => void,
): Promise<number> {
  const stop = new AbortController();
  const timed = new TimedSource(source, mostMs, () => stop.abort());
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await replay({
      source: timed,
      cascade,
      intents: standardConfig().intents,
      emit: onEvent,
      meter: nullMeter,
      run: randomUUID(),
      signal: stop.signal,
    });
  } finally {
    timed.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
  return timed.heardMs;
}

/** A source that counts how long it was heard, and ends after so long. */
class TimedSource implements Source {
  readonly id: string;
  heardMs = 0;
  readonly #bar: SingleBar | null;

  constructor(
    private readonly source: Source,
    private readonly mostMs: number,
    private readonly onEnd: () => void,
  ) {
    this.id = source.id;
    this.#bar = process.stderr.isTTY && Number.isFinite(mostMs) ? startedBar(mostMs) : null;
  }

  async *frames(signal: AbortSignal): ReturnType<Source['frames']> {
    for await (const item of this.source.frames(signal)) {
      yield item;
      if (item.kind === 'frame') this.#count(item);
    }
  }

  close(): void {
    this.#bar?.stop();
  }

  #count({ data, channels, rateHz }: Frame): void {
    this.heardMs += (data.length / channels / rateHz) * 1000;
    this.#bar?.update(Math.floor(this.heardMs / 1000));
    if (this.heardMs >= this.mostMs) this.onEnd();
  }
}

function startedBar(mostMs: number): SingleBar {
  const bar = new SingleBar({
    format: 'do not say the word {bar} {value} / {total} s',
    stream: process.stderr,
  });
  bar.start(Math.ceil(mostMs / 1000), 0);
  return bar;
}

/** Milliseconds that the runs of the journal span; each from its first event to its last. */
async function readJournal(flags: ListenFlags, near: NearWakes): Promise<number> {
  const runs = new Map<string, { first: number; last: number }>();
  for await (const event of journalEvents(keptIn(flags, JOURNAL_FOLDER), { from: flags.since ?? null })) {
    near.take(event);
    if (event.measured === null || event.type === 'label') continue;
    const at = Date.parse(event.measured.wallTime);
    const { first } = runs.get(event.measured.run) ?? { first: at };
    runs.set(event.measured.run, { first, last: at });
  }
  for (const label of keptLabels(stateDirOf(flags))) near.take(label);
  return [...runs.values()].reduce((sum, { first, last }) => sum + Math.max(0, last - first), 0);
}

function write(tuned: readonly Tuned[], flags: ListenFlags): void {
  const changed = tuned.filter(({ accept, before }) => accept !== before);
  if (changed.length > 0) writeAccepts(changed, flags);
}

function render(tuned: readonly Tuned[], hours: number): string {
  const heard = `Heard ${(hours * 60).toFixed(hours < 1 ? 1 : 0)} minutes.\n`;
  return heard + tuned.map(told).join('');
}

function told({ name, before, accept, nearWakes, highest, ...point }: Tuned): string {
  const surest = highest === null ? '' : `, the surest of them ${highest.toFixed(2)}`;
  const cost =
    point.missedMore === 0
      ? ''
      : `; of 100 times it is said about ${Math.ceil(100 * point.missedMore)} more are missed`;
  const lines = [
    `${name}: something came into question ${nearWakes === 1 ? 'once' : `${nearWakes} times`}${surest}`,
    accept === before
      ? `  believed from ${accept}, as before`
      : `  believed from ${accept} (before: ${before})${cost}`,
    `  ${point.falseAccepts} false accepts with that here: this time allows up to ${point.mostFalseAcceptsPerHour.toFixed(1)} an hour (95%)`,
  ];
  if (point.falseAccepts > 0)
    lines.push('  note: the room says what cannot be told from it; take another word, or record takes of it');
  if (point.rightLost > 0)
    lines.push(`  note: ${point.rightLost} that were said to be right would be missed`);
  return `${lines.join('\n')}\n`;
}
