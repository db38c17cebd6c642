import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CatnapError } from '../../core/errors.js';
import { isSameSignal, type SignalFormat, type Source } from '../../core/signal/frame.js';
import type { NormalConfig, SensorConfig } from '../config.js';
import type { FeatureExtractor } from '../normal/feature-extractor.js';
import { createFeatures, featuresFor } from '../normal/features.js';
import { learnNormal, type NormalModel } from '../normal/normal-model.js';
import { MOST_LEARN_ROWS } from '../normal/pace.js';
import { type AnomalyStore, type SignalShape, STATE_VERSION } from '../normal/state.js';
import type { SensorStageEdges } from '../stage-kind.js';
import { referenceOf } from './watched-signal.js';

type Cut = Pick<SensorConfig, 'features' | 'rowSeconds'>;

/**
 * Learns what is normal from a recording, unless the store has it from the same bytes and features already.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT` when it cannot be read, `STATE_INVALID` when it is
 * too short or changes its channels.
 */
export async function teach(
  { from, ...settings }: NormalConfig,
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
  const rows = await rowsOf(await open(), path, features);
  store.save({
    version: STATE_VERSION,
    shape,
    normal: learn(rows, features.names.length, path),
    seasons: [],
    phases: null,
    deviations: null,
    reference: referenceOf(rows, features.names.length),
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

/** All rows of features; a gap within the samples of one row costs that row. */
async function rowsOf(source: Source, path: string, features: FeatureExtractor): Promise<Float64Array> {
  const values: number[] = [];
  let signal: SignalFormat | null = null;
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind === 'gap') features.reset();
    if (item.kind === 'format') {
      if (signal !== null && !isSameSignal(signal, item))
        throw new CatnapError('STATE_INVALID', `${path}: expected the same channels and rate to its end`);
      signal = item;
    }
    if (item.kind !== 'frame') continue;
    for (let offset = 0; offset < item.data.length; offset += item.channels)
      if (features.push(item.data, offset)) values.push(...features.row);
  }
  return Float64Array.from(values.slice(-MOST_LEARN_ROWS * features.names.length));
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
