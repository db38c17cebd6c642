import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import type { EventOf } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { linesIfThere } from '../files/lines.js';

/** Below the state folder: what was said on the command line, which must not write to a running Catnap's journal. */
const LABELS_FILE = 'labels.jsonl';

/** Adds what somebody says of detections, in one write. Throws what the file system throws. */
export async function keepLabels(stateDir: string, labels: readonly EventOf<'label'>[]): Promise<void> {
  const lines = labels.map((label) => `${JSON.stringify(label)}\n`);
  await appendFile(join(stateDir, LABELS_FILE), lines.join(''), { mode: 0o600 });
}

/** Every label that was kept so, oldest first; none where there is no file. What is damaged is left out. */
export function keptLabels(stateDir: string): readonly EventOf<'label'>[] {
  return linesIfThere(join(stateDir, LABELS_FILE)).flatMap((line) => {
    const event = cascadeEventSchema.safeParse(parseJson(line)).data;
    return event?.type === 'label' ? [event] : [];
  });
}
