import { CatnapError } from '../../core/errors.js';
import { type Finding, ok, problem, warning } from '../../core/finding.js';
import { heardWith, listenForRow, listenMs } from '../listen.js';
import type { CheckEdges } from '../source-kind.js';
import { topicsOf } from './joined-rows.js';
import { MqttSource } from './mqtt.js';
import type { MqttOptions } from './options.js';

/** Listens to the topics for a row with values in it. */
export async function checkTopics(options: MqttOptions, edges: Omit<CheckEdges, 'folder'>): Promise<Finding> {
  const waitMs = listenMs(options.rateHz);
  const source = new MqttSource({ ...options, silentMs: 2 * waitMs, hopRows: 1 }, edges);
  const topics = topicsOf(options).join(', ');
  try {
    const heard = await listenForRow(source, AbortSignal.timeout(waitMs));
    if (heard.kind === 'values') return heardWith(topics, heard.values, source.time);
    if (source.complaint !== '')
      return problem(source.complaint, 'name where the value stands: `path` of the channel');
  } catch (error) {
    if (!(error instanceof CatnapError) || error.code !== 'EGRESS_DENIED') throw error;
    return ok(`${topics}: not listened to, for nothing may leave this device`);
  }
  const seconds = Math.round(waitMs / 1000);
  return warning(`${topics}: no message within ${seconds} s`, 'check the topic, and that its device sends');
}
