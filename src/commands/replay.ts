import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { canonicalLine } from '../core/events/canonical.js';
import type { CascadeEvent } from '../core/events/events.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { stagesHere } from '../runtime/build.js';
import { type CascadeConfig, type Config, standardConfig } from '../runtime/config.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { inRealTime, replay } from '../runtime/replay.js';
import { RECORDINGS } from '../runtime/sources.js';
import { featuresFor } from '../sensor/normal/features.js';
import { runPicture } from '../sensor/picture/run-picture.js';
import type { RegisterCommand } from './command.js';
import { checkOutput, writeOutput } from './output-file.js';
import { openRecording, rateOf, requireRecording, Tally } from './recording.js';
import { labelsOf, RunCollector } from './run-collector.js';

interface ReplayFlags {
  readonly config?: string;
  readonly cascade?: string;
  readonly rate?: string;
  readonly picture?: string;
  readonly labels?: string;
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
    .option('--picture <file.svg>', 'draw what a sensor cascade saw: signal, what was expected, alarms')
    .option(
      '--labels <column>',
      'column that is above zero where something was wrong: drawn, and not watched',
    )
    .option('--realtime', 'play at the pace of the recording', false)
    .option('--canonical', 'leave out what was measured and round scores, to compare logs', false)
    .option('--json', 'print JSON Lines, as it always does', true)
    .action(async (files: readonly string[], flags: ReplayFlags) => {
      const config =
        flags.config === undefined ? standardConfig() : loadConfig(flags.config, process.env, needsNothing);
      for (const file of files) requireRecording(file);
      checkPicture(files, flags);
      const stop = new AbortController();
      process.stdout.on('error', (error) => stop.abort(error));
      for (const file of files) await replayFile(file, config, flags, stop.signal);
      stop.signal.throwIfAborted();
    });
};

/** One picture is of one recording. */
function checkPicture(files: readonly string[], { picture, labels }: ReplayFlags): void {
  if (picture !== undefined && files.length > 1)
    throw new CatnapError('USAGE', `--picture: expected one recording, found ${files.length}`);
  if (labels !== undefined && picture === undefined)
    throw new CatnapError('USAGE', '--labels: expected --picture, in which they are drawn; found none');
  checkOutput(picture);
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
    ignore: flags.labels ?? null,
  });
  const drawn = flags.picture === undefined ? null : new RunCollector();
  const tally = new Tally(drawn === null ? recording.source : drawn.watching(recording.source));
  const cascade = cascadeOf(config, flags.cascade ?? recording.cascade);
  if (drawn !== null && cascade.kind !== 'sensor') throw nothingToDraw(path);
  const power = modelledPower(boardProfile(config.meter));
  try {
    await replay({
      source: flags.realtime ? inRealTime(tally) : tally,
      cascade,
      intents: config.intents,
      emit: (event) => {
        drawn?.event(event);
        process.stdout.write(`${lineOf(event, flags.canonical)}\n`);
      },
      ...(drawn === null ? {} : { stages: drawn.stages(stagesHere) }),
      meter: createSourceMeter(tally.id, power, systemClock),
      run: randomUUID(),
      signal,
    });
  } finally {
    progress.stop();
  }
  if (drawn !== null) await draw(drawn, path, cascade, config, flags);
  if (cascade.kind === 'sensor')
    process.stderr.write(`${path}: ${tally.note(cascade, recording.complaints())}\n`);
  else for (const complaint of recording.complaints()) process.stderr.write(`${path}: ${complaint}\n`);
}

function nothingToDraw(path: string): CatnapError {
  return new CatnapError(
    'USAGE',
    `--picture: expected a slow sensor signal with rows, found none in ${path}`,
  );
}

/** Writes the picture of what was replayed. */
async function draw(
  drawn: RunCollector,
  path: string,
  cascade: CascadeConfig,
  config: Config,
  flags: ReplayFlags,
): Promise<void> {
  const { picture = '', labels } = flags;
  const options = { config, configPath: flags.config ?? null, rateHz: null, onRead: () => {} };
  const column = labels === undefined ? null : await openRecording(path, { ...options, only: labels });
  const stretches = column === null ? [] : await labelsOf(column.source);
  const rowSamplesOf = (rateHz: number) =>
    cascade.kind === 'sensor' ? featuresFor(cascade.features, rateHz, cascade.rowSeconds).rowSamples : 1;
  const rows = drawn.rows(path, rowSamplesOf, stretches);
  if (rows === null) throw nothingToDraw(path);
  writeOutput(picture, runPicture(rows), 0o644);
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
