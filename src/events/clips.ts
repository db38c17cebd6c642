import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIPS_OF } from '../core/cascade/escalation.js';
import type { Time } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { Health } from '../core/events/health.js';
import type { Zod } from '../core/kind.js';
import { every } from '../core/waiting.js';
import { makePrivateFolder } from '../files/private-folder.js';
import { isSealed, type Seal } from '../files/sealed.js';
import { secretReference } from '../files/secrets.js';

/** The `clips` section: whether what was heard is kept, to be heard again. */
export const clipsSection = (z: Zod) =>
  z.strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Keep the audio of each voice event, to be played on the page. It is never sent anywhere.'),
    of: z
      .union([z.enum(CLIPS_OF), z.array(z.enum(CLIPS_OF)).min(1)])
      .default('all')
      .describe(
        'Which events are kept, one word or several: all that was noticed; near-misses, only what was then refused or ' +
          'not sure, to learn from; almost-noticed, what would have been noticed with a little more.',
      ),
    maxMiB: z
      .number()
      .positive()
      .max(1_000_000)
      .default(100)
      .describe('Most audio that is kept; the oldest goes first.'),
    maxDays: z.number().positive().max(3650).default(7).describe('A clip is deleted when it is older.'),
    key: secretReference(z)
      .nullable()
      .default(null)
      .describe('Where the secret stands that clips are encrypted with (AES-256-GCM); null: they are not.'),
  });

/** Folder of the clips below the state folder. */
export const CLIPS_FOLDER = 'clips';

/** Wall time in milliseconds, and what tells clips of one moment apart. */
const CLIP_NAME = /^(\d{13})-[0-9a-f]{8}\.wav$/;
/** Clips that wait for the disk. */
const MAX_PENDING = 8;
const DAY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

export interface ClipsOptions extends Time {
  readonly wallMs: () => number;
  /** Nothing else is kept in it. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly maxDays: number;
  /** Encrypts what is kept; null: it is kept as it is. */
  readonly seal: Seal | null;
  /** Wall time of the oldest event that is kept: a clip goes with its event. Null: no event is kept. */
  readonly oldestEventMs: () => Promise<number | null>;
  /** Told once a clip is on the disk. */
  readonly onKept: (clip: KeptClip) => void;
  readonly onHealth: (health: Health) => void;
}

/** A clip that can be played. */
export interface KeptClip {
  /** `<run>/<detection>` that it is of. */
  readonly detection: string;
  /** What {@link Clips.read} finds it by. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Keeps clips as files that their owner alone may read, as many as fit, for a while. What the disk does not take in
 * time is dropped and told.
 */
export class Clips {
  readonly #options: ClipsOptions;
  /** Bytes of each clip, oldest first. */
  readonly #bytesOf = new Map<string, number>();
  readonly #cancelSweep: () => void;
  #bytes = 0;
  #oldestEventMs = 0;
  #pending = 0;
  #isWell = true;
  #working: Promise<void>;

  constructor(options: ClipsOptions) {
    this.#options = options;
    this.#working = this.#try(() => this.#look());
    this.#cancelSweep = every(options.timer, SWEEP_EVERY_MS, () => this.#do(() => this.#sweepAll()));
  }

  /** Keeps a WAV file as the clip of a detection (`<run>/<detection>`). Never throws. */
  keep(detection: string, wav: Buffer): void {
    if (this.#pending >= MAX_PENDING) {
      this.#tell(new Error('the disk is too slow: a clip was dropped'));
      return;
    }
    this.#pending++;
    const file = nameOf(detection, this.#options.wallMs());
    this.#do(async () => {
      try {
        const bytes = (await this.#options.seal?.seal(file, wav)) ?? wav;
        await this.#write(file, bytes);
        this.#options.onKept({ detection, file, bytes: bytes.length });
        await this.#sweep();
      } finally {
        this.#pending--;
      }
    });
  }

  /** As {@link readClip}. */
  read(file: string): Promise<Buffer | null> {
    const { folder, seal } = this.#options;
    return readClip(folder, file, seal);
  }

  /** Ends when what is under way is written. */
  async close(): Promise<void> {
    this.#cancelSweep();
    await this.#working;
  }

  #do(work: () => Promise<void>): void {
    this.#working = this.#working.then(() => this.#try(work));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (!this.#isWell) this.#options.onHealth({ state: 'ok', code: 'OK', detail: 'clips are kept again' });
      this.#isWell = true;
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (!this.#isWell) return;
    this.#isWell = false;
    const code = error instanceof CatnapError ? error.code : 'STORE_FULL';
    const detail = `clips are not kept: ${error instanceof Error ? error.message : String(error)}`;
    this.#options.onHealth({ state: 'degraded', code, detail });
  }

  /** What earlier runs left; half a clip of theirs goes. */
  async #look(): Promise<void> {
    const { folder } = this.#options;
    await makePrivateFolder(folder);
    for (const file of (await readdir(folder)).sort()) {
      const path = join(folder, file);
      if (CLIP_NAME.test(file)) this.#count(file, (await stat(path)).size);
      else if (file.endsWith('.partial')) await rm(path, { force: true });
    }
    await this.#sweepAll();
  }

  async #write(file: string, wav: Buffer): Promise<void> {
    const { folder } = this.#options;
    await makePrivateFolder(folder);
    const path = join(folder, file);
    try {
      await writeFile(`${path}.partial`, wav, { mode: 0o600 });
      await rename(`${path}.partial`, path);
    } catch (error) {
      await rm(`${path}.partial`, { force: true });
      throw error;
    }
    this.#count(file, wav.length);
  }

  #count(file: string, bytes: number): void {
    this.#bytes += bytes - (this.#bytesOf.get(file) ?? 0);
    this.#bytesOf.set(file, bytes);
  }

  async #sweepAll(): Promise<void> {
    this.#oldestEventMs = (await this.#options.oldestEventMs()) ?? 0;
    await this.#sweep();
  }

  /** Deletes what is too old, too much, or of an event that is gone. */
  async #sweep(): Promise<void> {
    const { folder, maxBytes, maxDays, wallMs } = this.#options;
    const sinceMs = Math.max(wallMs() - maxDays * DAY_MS, this.#oldestEventMs);
    for (const [file, bytes] of this.#bytesOf) {
      const keptMs = Number(CLIP_NAME.exec(file)?.[1]);
      if (keptMs >= sinceMs && this.#bytes <= maxBytes) return;
      await rm(join(folder, file), { force: true });
      this.#bytesOf.delete(file);
      this.#bytes -= bytes;
    }
  }
}

function nameOf(detection: string, wallMs: number): string {
  const mark = createHash('sha256').update(detection).digest('hex').slice(0, 8);
  return `${String(Math.max(0, Math.round(wallMs))).padStart(13, '0')}-${mark}.wav`;
}

/**
 * A clip as a WAV file; null where there is none of that name, be it any more.
 * @throws CatnapError `CONFIG_INVALID` where it is encrypted, and not with that secret.
 */
export async function readClip(folder: string, file: string, seal: Seal | null): Promise<Buffer | null> {
  if (!CLIP_NAME.test(file)) return null;
  const bytes = await readFile(join(folder, file)).catch(() => null);
  if (bytes === null || !isSealed(bytes)) return bytes;
  const opened = await seal?.open(file, bytes).catch(() => null);
  if (opened) return opened;
  const found = seal === null ? 'no clips.key' : 'another clips.key';
  throw new CatnapError(
    'CONFIG_INVALID',
    `${file}: expected the secret it was encrypted with, found ${found}`,
  );
}
