import { createHash } from 'node:crypto';
import type { StageThresholds } from '../../core/thresholds.js';
import type { MqttHomeConfig } from '../config.js';

/** What of a source is told and asked for. */
export interface HomeSource {
  readonly id: string;
  readonly kind: 'voice' | 'sensor';
  /** Words it wakes for; of a sensor none. */
  readonly words: readonly string[];
  /** What may be set while it runs. */
  readonly thresholds: StageThresholds;
}

/** What the house is told of this device, once and for all. */
export interface HomeFacts {
  /** Name of the device, for a person. */
  readonly name: string;
  readonly version: string;
  readonly sources: readonly HomeSource[];
  /** Intents that may be settled here. */
  readonly intents: readonly string[];
  /** Whether there is a cloud that could be asked. */
  readonly hasCloud: boolean;
}

/** Every topic of a device. */
export interface Topics {
  /** Name of the device in topics and ids. */
  readonly id: string;
  /** Whether the device is there: `online` or `offline`. */
  readonly status: string;
  /** How the device is, as JSON. */
  readonly device: string;
  /** Intents that were settled. */
  readonly intent: string;
  /** What every topic begins with that asks for something. */
  readonly asks: string;
  /** Where Home Assistant is told what there is. */
  readonly discovery: string;
  /** Where it says that it was started. */
  readonly birth: string;
  /** How a source is, as JSON. */
  state(source: string): string;
  /** What a source noticed: words, faults. */
  event(source: string, what: 'wake' | 'fault'): string;
  /** Last transcript of a source. */
  transcript(source: string): string;
  /** Where something is asked for; of a source, or of the device. */
  ask(what: string, source?: string): string;
}

/** The topics of a device of that name. */
export function topicsOf(name: string, { topic, discoveryPrefix }: MqttHomeConfig): Topics {
  const id = idOf(name);
  const base = `${topic}/${id}`;
  const ofSource = (source: string): string => `${base}/source/${source}`;
  return {
    id,
    status: `${base}/status`,
    device: `${base}/state`,
    intent: `${base}/intent`,
    asks: `${base}/set`,
    discovery: `${discoveryPrefix}/device/catnap_${id}/config`,
    birth: `${discoveryPrefix}/status`,
    state: (source) => `${ofSource(source)}/state`,
    event: (source, what) => `${ofSource(source)}/${what}`,
    transcript: (source) => `${ofSource(source)}/transcript`,
    ask: (what, source) => `${base}/set/${what}${source === undefined ? '' : `/${source}`}`,
  };
}

/**
 * A name as it may stand in a topic and in an id of Home Assistant. Of letters of another script nothing could be left:
 * a name that has some bears a sign of its own, which tells it from others.
 */
export function idOf(name: string): string {
  const letters = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const plain = letters.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_|_$/g, '') || 'catnap';
  const isForeign = /(?!\p{Script=Latin})\p{L}/u.test(letters);
  return isForeign ? `${plain}_${signOf(name)}` : plain;
}

function signOf(name: string): string {
  return createHash('sha256').update(name.normalize('NFC')).digest('hex').slice(0, 8);
}
