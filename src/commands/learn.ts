import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { openRecording } from '../runtime/sources.js';
import { teach } from '../sensor/anomaly-tiny/teach.js';
import { LearntStates, parseLearnt } from '../sensor/learnt.js';
import { type AnomalyState, MemoryAnomalyStore } from '../sensor/normal/state.js';
import { type ChannelNormal, normalOf, normalPicture } from '../sensor/picture/normal-picture.js';
import { answer, type RegisterCommand } from './command.js';
import { inputFile } from './input-file.js';
import { writeOutput } from './output-file.js';
import { configPathOf, stateDirOf } from './state-dir.js';
import { timeOf } from './time-of.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly json: boolean;
}

interface AgainFlags extends Flags {
  readonly from?: string;
}

interface ShowFlags extends Flags {
  readonly picture?: string;
}

/** `catnap learn`: what is normal for a sensor, looked at, carried to a twin, learnt anew after maintenance. */
export const registerLearn: RegisterCommand = (program) => {
  const learn = program.command('learn').description('what a sensor takes for normal');
  const add = (name: string, description: string) =>
    learn
      .command(name)
      .description(description)
      .argument('<source>', 'id of the source')
      .option('--config <file>', 'configuration that names the state folder')
      .option('--state <folder>', 'state folder')
      .option('--json', 'print JSON', false);
  add('again', 'forget what is normal for a source and learn it anew; a running Catnap does so at once')
    .option(
      '--from <time|file>',
      'normal is what came, or comes, from a time on (2026-01-31T08:00, 2h), or a recording',
    )
    .action(again);
  add('show', 'what is normal for each channel, by its course of the day where one is believed')
    .option('--picture <file.svg>', 'write it as a picture')
    .action(show);
  add('export', 'write what was learnt into a file that a twin device may take over')
    .argument('<file>', 'where to; only you may read it')
    .action(exportTo);
  add('import', 'take over what a twin device learnt, checked against what is known of the source')
    .argument('<file>', 'as `catnap learn export` wrote it')
    .action(importFrom);
};

const WHEN = 'at once where Catnap runs, else from its next start on';

async function again(source: string, flags: AgainFlags): Promise<void> {
  const states = new LearntStates(stateDirOf(flags));
  const { from } = flags;
  // A slip in the name would be an order to nobody.
  if (!isConfigured(source, flags)) states.read(source);
  if (from !== undefined && existsSync(from)) {
    states.takeOver(source, await learntFrom(from, source, flags), from, userInfo().username);
    answer(`${source} goes by ${from}: ${WHEN}\n`, { source, from }, flags.json);
    return;
  }
  const fromMs = from === undefined ? null : Date.parse(momentOf(from));
  states.learnAgain(source, fromMs, userInfo().username);
  const since = fromMs === null ? '' : `, from ${new Date(fromMs).toISOString()} on`;
  answer(`${source} is learnt again${since}: ${WHEN}\n`, { source, fromMs }, flags.json);
}

function momentOf(text: string): string {
  try {
    return timeOf(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new CatnapError(
      'USAGE',
      `--from: expected a time like 2026-01-31T08:00 or 2h, or a recording; found "${text}"`,
    );
  }
}

/** What a recording teaches, as the cascade of the source would learn it. */
async function learntFrom(path: string, source: string, flags: Flags): Promise<AnomalyState> {
  const sensor = sensorOf(source, flags);
  if (sensor === null) {
    throw new CatnapError(
      'USAGE',
      '--from: expected a configuration that has the source (--config), found none',
    );
  }
  const { known, cascade } = sensor;
  const store = new MemoryAnomalyStore();
  // A table is read as the one that the source itself reads, where nothing else is said.
  const settings = cascade.normal ?? (known.kind === 'csv' ? known : {});
  await teach({ ...settings, from: path }, cascade, store, openRecording);
  const state = store.load();
  if (state === null) throw new CatnapError('STATE_INVALID', `${path}: nothing could be learnt from it`);
  return { ...state, recording: null };
}

/**
 * A sensor source and its cascade as the configuration has them; null without a configuration.
 * @throws CatnapError `USAGE` where it has no such source
 */
function sensorOf(source: string, flags: Flags) {
  const path = configPathOf(flags);
  if (path === null) return null;
  const { sources, cascades } = loadConfig(path, process.env, needsNothing);
  const sensors = sources.flatMap((known) => {
    const cascade = cascades[known.cascade];
    return cascade?.kind === 'sensor' ? { known, cascade } : [];
  });
  const found = sensors.find(({ known }) => known.id === source);
  if (found !== undefined) return found;
  const ids = sensors.map(({ known }) => known.id).join(', ') || 'none';
  throw new CatnapError('USAGE', `${path}: expected a sensor source, found "${source}"; it has ${ids}`);
}

/**
 * Whether a configuration says that there is such a sensor; a state folder that is named alone may be of any.
 * @throws CatnapError `USAGE` where it says that there is none
 */
function isConfigured(source: string, flags: Flags): boolean {
  const isFolderOnly = flags.state !== undefined && flags.config === undefined;
  return !isFolderOnly && sensorOf(source, flags) !== null;
}

async function show(source: string, flags: ShowFlags): Promise<void> {
  const state = new LearntStates(stateDirOf(flags)).read(source);
  if (flags.picture !== undefined) writeOutput(flags.picture, normalPicture(source, state), 0o644);
  const channels = normalOf(state);
  const { learntRows } = state.normal;
  answer(
    `${[`${source}: learnt from ${learntRows} rows`, ...channels.map(lineOf)].join('\n')}\n`,
    { source, learntRows, phases: state.phases, channels },
    flags.json,
  );
}

function lineOf({ name, unit, kind, states, course, times, level }: ChannelNormal): string {
  if (kind === 'category') return `${name}: one of ${states.join(', ')}`;
  const low = Math.min(...times.map((at) => at.low));
  const high = Math.max(...times.map((at) => at.high));
  const range = `${figure(low)} to ${figure(high)} ${unit}${kind === 'counter' ? ' a row' : ''}`.trim();
  const what = kind === 'counter' ? 'rises by ' : '';
  return `${name}: ${what}${figure(level)} now, usually ${range}${course === null ? '' : `, by its course of the ${course}`}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

async function exportTo(source: string, file: string, flags: Flags): Promise<void> {
  const learnt = new LearntStates(stateDirOf(flags)).export(source);
  writeOutput(file, `${JSON.stringify(learnt)}\n`);
  answer(`${file}: what is normal for ${source}\n`, { source, file }, flags.json);
}

async function importFrom(source: string, file: string, flags: Flags): Promise<void> {
  isConfigured(source, flags);
  const { state, source: other } = parseLearnt(inputFile(file).toString('utf8'), file);
  new LearntStates(stateDirOf(flags)).takeOver(source, state, file, userInfo().username);
  answer(`${source} goes by what ${other} learnt: ${WHEN}\n`, { source, learntBy: other, file }, flags.json);
}
