import { statSync } from 'node:fs';
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

/** Follows what is said so while Catnap runs. */
export class FollowedLabels {
  readonly #stateDir: string;
  readonly #take: (label: EventOf<'label'>) => void;
  readonly #onError: (error: unknown) => void;
  /** Labels before this one are known. */
  #known = 0;
  #bytes = 0;
  #isReadable = true;

  /**
   * @param take told of each label that is kept from now on; of all, once the file can be read, if it cannot be now
   * @param onError told why it cannot be read, once until it can
   */
  constructor(stateDir: string, take: (label: EventOf<'label'>) => void, onError: (error: unknown) => void) {
    this.#stateDir = stateDir;
    this.#take = take;
    this.#onError = onError;
    this.#read(() => {});
  }

  /** Looks what was added since the last look. */
  look(): void {
    this.#read(this.#take);
  }

  #read(take: (label: EventOf<'label'>) => void): void {
    try {
      const bytes = this.#length();
      if (bytes !== this.#bytes) {
        const labels = keptLabels(this.#stateDir);
        for (const label of labels.slice(this.#known)) take(label);
        [this.#known, this.#bytes] = [labels.length, bytes];
      }
      this.#isReadable = true;
    } catch (error) {
      if (this.#isReadable) this.#onError(error);
      this.#isReadable = false;
    }
  }

  #length(): number {
    return statSync(join(this.#stateDir, LABELS_FILE), { throwIfNoEntry: false })?.size ?? 0;
  }
}
