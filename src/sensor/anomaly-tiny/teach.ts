import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CatnapError } from '../../core/errors.js';
import { isSameSignal, type SignalFormat, type Source } from '../../core/signal/frame.js';
import type { SensorConfig } from '../config.js';
import type { FeatureExtractor } from '../normal/feature-extractor.js';
import { createFeatures, featuresFor } from '../normal/features.js';
import { LocalRows } from '../normal/local-rows.js';
import { learnNormal, type NormalModel } from '../normal/normal-model.js';
import { MOST_LEARN_ROWS, paceOf } from '../normal/pace.js';
import { Seasons } from '../normal/seasons.js';
import { type AnomalyState, type AnomalyStore, type SignalShape, STATE_VERSION } from '../normal/state.js';
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
  const features = createFeatures(
    shape.features,
    shape.channels.map(({ name }) => name),
  );
  const { rows, ...courses } = await rowsOf(await open(), path, features, shape, cut.timeZone);
  store.save({
    version: STATE_VERSION,
    shape,
    normal: learn(rows, features.names.length, path),
    ...courses,
    deviations: null,
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

/** All rows of features, and the courses in them; a gap within the samples of one row costs that row. */
async function rowsOf(
  source: Source,
  path: string,
  features: FeatureExtractor,
  shape: SignalShape,
  timeZone: string | null,
): Promise<{ readonly rows: Float64Array } & Pick<AnomalyState, 'seasons' | 'phases'>> {
  const values: number[] = [];
  const { rowSamples } = shape.features;
  const rowsPerSecond = shape.rateHz / rowSamples;
  const wishes = { learnSeconds: null, falseAlarmsPerDay: null, maxAlarmSeconds: 1 };
  const { memoryRows } = paceOf(shape.rateHz, shape.features, wishes);
  const watched = shape.features.kind === 'level' ? shape.channels : [];
  const seasons = watched.map(() => new Seasons(rowsPerSecond, memoryRows));
  let local = new LocalRows(undefined, 1, null);
  let phases: string | null = null;
  let signal: SignalFormat | null = null;
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind === 'gap') features.reset();
    if (item.kind === 'format') {
      if (signal !== null && !isSameSignal(signal, item))
        throw new CatnapError('STATE_INVALID', `${path}: expected the same channels and rate to its end`);
      signal = item;
      local = new LocalRows(item.startMs, 1000 / rowsPerSecond, timeZone);
      phases = item.startMs === undefined ? null : (timeZone ?? 'UTC');
    }
    if (item.kind !== 'frame') continue;
    for (let offset = 0; offset < item.data.length; offset += item.channels) {
      if (!features.push(item.data, offset)) continue;
      values.push(...features.row);
      const at = Math.floor((item.sample + offset / item.channels) / rowSamples);
      seasons.forEach((season, c) => void season.push(local.rowOf(at), features.row[c] as number));
    }
  }
  const rows = Float64Array.from(values.slice(-MOST_LEARN_ROWS * features.names.length));
  // Levels of another day say nothing of today's: only courses are taken over.
  const learnt = seasons.map(({ state }) => (state === null ? null : { ...state, plain: null }));
  return { rows, seasons: learnt, phases };
}

function learn(rows: Float64Array, features: number, path: string): NormalModel {
  try {
    return learnNormal(rows, features);
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
