import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { loadConfig, needsNoSecrets } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { canonicalLine } from '../core/events/canonical.js';
import type { CascadeEvent } from '../core/events/events.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { type CascadeConfig, type Config, standardConfig } from '../runtime/config.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { inRealTime, replay } from '../runtime/replay.js';
import { RECORDINGS } from '../runtime/sources.js';
import type { RegisterCommand } from './command.js';
import { openRecording, rateOf, Tally } from './recording.js';

interface ReplayFlags {
  readonly config?: string;
  readonly cascade?: string;
  readonly rate?: string;
  readonly realtime: boolean;
  readonly canonical: boolean;
}

/** `catnap replay`: recordings through a cascade, as fast as it goes; the event log on stdout. */
export const registerReplay: RegisterCommand = (program) => {
  program
    .command('replay')
    .description('run recordings through a cascade and print the event log as JSON Lines')
    .argument('<file...>', `${RECORDINGS.join(', ')} recordings`)
    .option(
      '--config <file>',
      'configuration whose cascades and meter are used, and that says how such a CSV file is read',
    )
    .option('--rate <hz>', 'rows a second of a CSV file without times')
    .option('--cascade <name>', 'cascade to use; otherwise the one of its kind: `voice` or `sensor`')
    .option('--realtime', 'play at the pace of the recording', false)
    .option('--canonical', 'leave out what was measured and round scores, to compare logs', false)
    .option('--json', 'print JSON Lines, as it always does', true)
    .action(async (files: readonly string[], flags: ReplayFlags) => {
      const config =
        flags.config === undefined ? standardConfig() : loadConfig(flags.config, process.env, needsNoSecrets);
      for (const file of files) requireFile(file);
      const stop = new AbortController();
      process.stdout.on('error', (error) => stop.abort(error));
      for (const file of files) await replayFile(file, config, flags, stop.signal);
      stop.signal.throwIfAborted();
    });
};

/** Looks before the first one is played, so that a slip in the last name costs nothing. */
function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new CatnapError(
      'INPUT_MISSING',
      `${path}: expected a readable recording, found nothing of that name`,
    );
  }
  if (found.isDirectory()) {
    throw new CatnapError('INPUT_MISSING', `${path}: expected a readable recording, found a folder`);
  }
}

/** Stops where `signal` says that its output can go nowhere. */
async function replayFile(
  path: string,
  config: Config,
  flags: ReplayFlags,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const progress = progressOf(path);
  const recording = await openRecording(path, {
    config,
    configPath: flags.config ?? null,
    rateHz: rateOf(flags.rate),
    onRead: progress.advance,
  });
  const tally = new Tally(recording.source);
  const cascade = cascadeOf(config, flags.cascade ?? recording.cascade);
  const power = modelledPower(boardProfile(config.meter));
  try {
    await replay({
      source: flags.realtime ? inRealTime(tally) : tally,
      cascade,
      intents: config.intents,
      emit: (event) => process.stdout.write(`${lineOf(event, flags.canonical)}\n`),
      meter: createSourceMeter(tally.id, power, systemClock),
      run: randomUUID(),
      signal,
    });
  } finally {
    progress.stop();
  }
  if (cascade.kind === 'sensor')
    process.stderr.write(`${path}: ${tally.note(cascade, recording.complaints())}\n`);
  else for (const complaint of recording.complaints()) process.stderr.write(`${path}: ${complaint}\n`);
}

function cascadeOf(config: Config, name: string): CascadeConfig {
  const cascade = config.cascades[name];
  if (cascade !== undefined) return cascade;
  const known = Object.keys(config.cascades).join(', ');
  throw new CatnapError('USAGE', `--cascade: expected one of ${known}, found "${name}"`);
}

function lineOf(event: CascadeEvent, canonical: boolean): string {
  return canonical ? canonicalLine(event) : JSON.stringify(event);
}

/** A bar over the bytes of a file, where a person is watching. */
function progressOf(path: string): { advance: (bytes: number) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { advance: () => {}, stop: () => {} };
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const bar = new SingleBar({ format: `${path} {bar} {percentage}%`, stream: process.stderr });
  bar.start(bytes, 0);
  return { advance: (count) => bar.increment(count), stop: () => bar.stop() };
}
