import { join } from 'node:path';
import type { Clip } from '../core/cascade/escalation.js';
import { detectionOf } from '../core/cascade/escalation.js';
import type { CascadeEvent } from '../core/events/events.js';
import { createPublisher } from '../core/events/stamp.js';
import { CLIPS_FOLDER, Clips } from '../events/clips.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { oldestEventMs } from '../events/journal-reading.js';
import { Seal } from '../files/sealed.js';
import { readSecret } from '../files/secrets.js';
import { wavOf } from '../files/wav-header.js';
import type { Config } from './config.js';
import { systemClock, systemTime } from './process/system-clock.js';

const MIB = 1024 * 1024;

/** The clips of a run, where they are kept. */
export interface KeptClips {
  /** @param key `<run>/<detection>` of what it is a clip of */
  keep(key: string, clip: Clip): void;
  read(file: string): Promise<Buffer | null>;
  close(): Promise<void>;
}

/**
 * What encrypts the clips of a configuration; null where they are kept as they are.
 * @param folder what the path of a secret is relative to
 * @throws CatnapError `CONFIG_INVALID` where the secret is not where it is said to be.
 */
export function sealOf({ key }: Config['clips'], folder: string): Seal | null {
  return key === null ? null : new Seal(readSecret(key, { folder }, 'CONFIG_INVALID'));
}

/**
 * Opens what keeps the clips of a configuration; null where none are to be kept.
 * @param place where the state is, and what the path of a secret is relative to
 * @throws CatnapError as {@link sealOf}.
 */
export function openClips(
  { clips, journal }: Pick<Config, 'clips' | 'journal'>,
  { stateDir, folder }: { readonly stateDir: string; readonly folder: string },
  run: string,
  publish: (event: CascadeEvent) => void,
): KeptClips | null {
  if (!clips.enabled) return null;
  const tell = createPublisher('clips', { publish, clock: systemClock, run });
  const startedMs = systemClock.wallMs();
  const kept = new Clips({
    ...systemTime,
    wallMs: () => systemClock.wallMs(),
    folder: join(stateDir, CLIPS_FOLDER),
    maxBytes: clips.maxMiB * MIB,
    maxDays: clips.maxDays,
    seal: sealOf(clips, folder),
    // Without a journal nobody knows any more what an earlier run kept.
    oldestEventMs: async () => (journal.enabled ? oldestEventMs(join(stateDir, JOURNAL_FOLDER)) : startedMs),
    onKept: ({ detection, file, bytes }) =>
      tell({ type: 'clip', detection: detectionOf(detection, run), file, bytes }),
    onHealth: (health) => tell({ type: 'health', component: 'clips', ...health }),
  });
  return {
    keep: (key, clip) => kept.keep(key, wavOf(clip.rateHz, clip.pcm)),
    read: (file) => kept.read(file),
    close: () => kept.close(),
  };
}
