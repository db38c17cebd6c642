import { CatnapError } from '../../core/errors.js';
import { type Finding, ok, problem, warning } from '../../core/finding.js';
import type { CheckEdges } from '../source-kind.js';
import { topicsOf } from './joined-rows.js';
import { MqttSource } from './mqtt.js';
import type { MqttOptions } from './options.js';

/** How long is listened for a message: three rows, but neither shorter nor longer than this. */
const LEAST_MS = 3000;
const MOST_MS = 15_000;
/** Rows without a value that are enough to say so. */
const USELESS_ROWS = 3;

/** Listens to the topics for a row with values in it. */
export async function checkTopics(options: MqttOptions, edges: Omit<CheckEdges, 'folder'>): Promise<Finding> {
  const waitMs = Math.min(MOST_MS, Math.max(LEAST_MS, 3000 / options.rateHz));
  const source = new MqttSource({ ...options, silentMs: 2 * MOST_MS, hopRows: 1 }, edges);
  const topics = topicsOf(options).join(', ');
  let useless = 0;
  try {
    for await (const item of source.frames(AbortSignal.timeout(waitMs))) {
      if (item.kind === 'format') continue;
      if (item.kind === 'frame' && item.data.some((value) => !Number.isNaN(value))) {
        return ok(`${topics}: ${valuesIn(options, item.data)}`);
      }
      useless += 1;
      if (useless === USELESS_ROWS) break;
    }
  } catch (error) {
    if (!(error instanceof CatnapError) || error.code !== 'EGRESS_DENIED') throw error;
    return ok(`${topics}: not listened to, for nothing may leave this device`);
  }
  if (useless > 0) return problem(source.complaint, 'name where the value stands: `path` of the channel');
  const seconds = Math.round(waitMs / 1000);
  return warning(`${topics}: no message within ${seconds} s`, 'check the topic, and that its device sends');
}

function valuesIn({ channels }: MqttOptions, data: Float32Array): string {
  return channels
    .map(({ name, unit }, c) => {
      const value = data[c] as number;
      return Number.isNaN(value)
        ? `${name} missing`
        : `${name} ${Number(value.toPrecision(6))} ${unit}`.trim();
    })
    .join(', ');
}
