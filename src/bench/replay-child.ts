/** Script of the process that replays as fast as it goes, so that nothing else stands in its memory. */
import { readAudio } from './audio.js';
import { measureMemory } from './memory.js';
import { measureOverhead } from './overhead.js';

/** What it is asked. */
export type ReplayOrder =
  | { readonly kind: 'overhead'; readonly recording: string }
  | { readonly kind: 'memory'; readonly recording: string; readonly hours: number };

process.once('message', (order: ReplayOrder) => {
  answer(order).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function answer(order: ReplayOrder): Promise<unknown> {
  const samples = await readAudio(order.recording);
  switch (order.kind) {
    case 'overhead':
      return measureOverhead(samples);
    case 'memory':
      return measureMemory(samples, order.hours);
  }
}
