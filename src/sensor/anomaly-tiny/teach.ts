import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CatnapError } from '../../core/errors.js';
import { isSameSignal, type SignalFormat, type Source } from '../../core/signal/frame.js';
import type { SensorConfig } from '../config.js';
import { createFeatures, featuresFor } from '../normal/features.js';
import { withRises } from '../normal/kinds.js';
import { LocalRows } from '../normal/local-rows.js';
import { kindsOf, learnNormal, type NormalModel } from '../normal/normal-model.js';
import { MOST_LEARN_ROWS, paceOf } from '../normal/pace.js';
import { periodsOf, Seasons } from '../normal/seasons.js';
import {
  type AnomalyState,
  type AnomalyStore,
  levelsOf,
  type SignalShape,
  STATE_VERSION,
} from '../normal/state.js';
import type { SensorStageEdges } from '../stage-kind.js';

type Cut = Pick<SensorConfig, 'features' | 'rowSeconds' | 'timeZone'>;

/**
 * Learns what is normal from a recording, unless the store has it from the same bytes and features already.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT` when it cannot be read, `STATE_INVALID` when it is
 * too short or changes its channels.
 */
export async function teach(
  { from, ...settings }: { readonly from: string } & Readonly<Record<string, unknown>>,
  cut: Cut,
  store: AnomalyStore,
  openRecording: SensorStageEdges['openRecording'],
): Promise<void> {
  const path = resolve(from);
  const recording = await hashOf(path);
  const open = () => openRecording(path, 'normal', settings);
  const shape = await shapeOf(await open(), cut);
  const known = store.load();
  if (known?.recording === recording && JSON.stringify(known.shape) === JSON.stringify(shape)) return;
  const { rows, features, ats, startMs } = await rowsOf(await open(), path, shape);
  const normal = learn(rows, features, shape, path);
  store.save({
    version: STATE_VERSION,
    shape,
    normal,
    ...coursesIn(withRises(rows, features, kindsOf(normal)), features, ats, startMs, shape, cut.timeZone),
    deviations: null,
    drifts: [],
    recording,
    fault: null,
  });
}

async function shapeOf(source: Source, { features, rowSeconds }: Cut): Promise<SignalShape> {
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind !== 'format') continue;
    const { rateHz, channels } = item;
    return {
      rateHz,
      channels: channels.map(({ name, unit }) => ({ name, unit })),
      features: featuresFor(features, rateHz, rowSeconds),
    };
  }
  throw new CatnapError('SOURCE_FORMAT', `${source.id}: expected a recording, found nothing in it`);
}

/** All rows of features and their places, gaps included; a gap within the samples of one row costs that row. */
async function rowsOf(source: Source, path: string, shape: SignalShape) {
  const features = createFeatures(
    shape.features,
    shape.channels.map(({ name }) => name),
  );
  const { rowSamples } = shape.features;
  const values: number[] = [];
  const ats: number[] = [];
  let signal: SignalFormat | null = null;
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind === 'gap') features.reset();
    if (item.kind === 'format') {
      if (signal !== null && !isSameSignal(signal, item))
        throw new CatnapError('STATE_INVALID', `${path}: expected the same channels and rate to its end`);
      signal = item;
    }
    if (item.kind !== 'frame') continue;
    for (let offset = 0; offset < item.data.length; offset += item.channels) {
      if (!features.push(item.data, offset)) continue;
      for (const value of features.row) values.push(value);
      ats.push(Math.floor((item.sample + offset / item.channels) / rowSamples));
    }
  }
  return { rows: Float64Array.from(values), features: features.names.length, ats, startMs: signal?.startMs };
}

/** The courses of day and week in rows. Levels of another day say nothing of today's: only courses are taken over. */
function coursesIn(
  rows: Float64Array,
  features: number,
  ats: readonly number[],
  startMs: number | undefined,
  shape: SignalShape,
  timeZone: string | null,
): Pick<AnomalyState, 'seasons' | 'phases'> {
  const rowsPerSecond = shape.rateHz / shape.features.rowSamples;
  const wishes = { learnSeconds: null, falseAlarmsPerDay: null, maxAlarmSeconds: 1 };
  const { memoryRows } = paceOf(shape.rateHz, shape.features, wishes);
  const local = new LocalRows(startMs, 1000 / rowsPerSecond, timeZone);
  const places = ats.map((at) => local.rowOf(at));
  const periods = periodsOf(rowsPerSecond);
  const seasons = levelsOf(shape).map((_, c) => {
    const season = new Seasons(periods, memoryRows);
    places.forEach((place, row) => void season.push(place, rows[row * features + c] as number));
    return season.state === null ? null : { ...season.state, plain: null };
  });
  return { seasons, phases: startMs === undefined ? null : (timeZone ?? 'UTC') };
}

function learn(rows: Float64Array, features: number, shape: SignalShape, path: string): NormalModel {
  try {
    return learnNormal(rows.slice(-MOST_LEARN_ROWS * features), features, levelsOf(shape));
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    throw new CatnapError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new CatnapError('SOURCE_UNAVAILABLE', `${path}: expected a readable recording of normal running`, {
      cause,
    });
  }
  return hash.digest('hex');
}
