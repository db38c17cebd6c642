import { basename, extname } from 'node:path';
import type { CascadeEdges, StageHost } from '../core/cascade/assembly.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Meter } from '../core/metering/meter.js';
import type { Source } from '../core/signal/frame.js';
import { PacedSource } from '../sources/pace.js';
import type { IntentsConfig } from '../voice/intents/schema.js';
import { buildCascade, quietEdges, stagesHere } from './build.js';
import type { CascadeConfig } from './config.js';
import { planCascade } from './plan.js';
import { systemTime } from './process/system-clock.js';

/** A recording to run through a cascade. */
export interface ReplayOptions {
  readonly source: Source;
  readonly cascade: CascadeConfig;
  readonly intents: IntentsConfig;
  /** Where what a sensor cascade learns is kept; nothing is kept when left out. */
  readonly stateDir?: string;
  readonly emit: (event: CascadeEvent) => void;
  readonly meter: Meter;
  /** Identifies the run in `measured` blocks. */
  readonly run: string;
  readonly signal: AbortSignal;
  /** Told what would go to the uplink; nothing leaves the device in a replay. */
  readonly offer?: CascadeEdges['uplink']['offer'];
  /** Where heavy stages live; in this process when left out. */
  readonly stages?: StageHost;
}

/**
 * Runs a recording through a cascade, heavy stages in this process. No stage has a budget here, so that a slow
 * machine decides as a fast one does.
 * @throws CatnapError what the source or the models throw.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { source, run, cascade: config, signal } = options;
  const { cascade, dispose } = await buildCascade(
    { source: source.id, run, intents: options.intents },
    await planCascade(config, { source: source.id, stateDir: options.stateDir ?? null }),
    {
      ...quietEdges(options.emit),
      stages: options.stages ?? stagesHere,
      uplink: { prepare: () => {}, offer: options.offer ?? (() => {}) },
      meter: options.meter,
    },
  );
  try {
    await cascade.follow(source, signal);
  } finally {
    await dispose();
  }
}

/** A source that plays at its own pace on this machine's clock, or `speed` times as fast. */
export function inRealTime(source: Source, speed = 1): Source {
  return new PacedSource(source, systemTime, speed);
}

/** What a recording's events call their source: its file name without folder and extension. */
export function sourceIdOf(path: string): string {
  const name = basename(path, extname(path)).replace(/[^a-z0-9-]+/gi, '-');
  return name.replace(/^-+/, '') || 'recording';
}
