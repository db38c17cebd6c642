import type { CascadeEvent } from '../core/events/events.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { AROUND_WORD, padded, placeOf, seededRandom } from './audio.js';
import type { Listener } from './listener.js';

/** Lets a cascade hear a recording with silence around it; gives the events, and seconds without the silence. */
export async function hearRecording(
  listener: Listener,
  path: string,
): Promise<{ readonly events: readonly CascadeEvent[]; readonly seconds: number }> {
  const samples = await readAudio(path);
  const { lead, tail } = AROUND_WORD;
  const { events } = await listener.hear(padded(samples, lead, tail, seededRandom(placeOf(path))));
  return { events, seconds: samples.length / VOICE_RATE_HZ };
}
