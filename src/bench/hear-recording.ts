import type { CascadeEvent } from '../core/events/events.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { AROUND_WORD, padded, placeOf, seededRandom } from './audio.js';
import type { Listener } from './listener.js';

/** Nobody takes longer to decide about a word; each time tiny insists, heavy looks again twice as much later. */
const LONGEST_DECISION_S = 20;

/**
 * Lets a cascade hear a recording with silence around it, until all that was noticed in it is decided; gives the
 * events, and seconds without the silence.
 */
export async function hearRecording(
  listener: Listener,
  path: string,
): Promise<{ readonly events: readonly CascadeEvent[]; readonly seconds: number }> {
  const samples = await readAudio(path);
  const { lead, tail } = AROUND_WORD;
  const random = seededRandom(placeOf(path));
  const events = [...(await listener.hear(padded(samples, lead, tail, random))).events];
  const second = new Float32Array(0);
  for (let waited = 0; isUndecided(events) && waited < LONGEST_DECISION_S; waited++)
    events.push(...(await listener.hear(padded(second, VOICE_RATE_HZ, 0, random))).events);
  return { events, seconds: samples.length / VOICE_RATE_HZ };
}

function isUndecided(events: readonly CascadeEvent[]): boolean {
  const last = events.findLast((event) => 'detection' in event && event.detection !== null);
  return last?.type === 'noticed';
}
