import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { toInt16 } from '../../core/signal/pcm.js';
import { unwritable } from '../../files/unwritable.js';
import { BYTES_PER_SAMPLE, WAV_HEADER_BYTES, wavHeader } from '../../files/wav-header.js';

/**
 * Writes mono 16-bit PCM as WAV (RIFF, "Multimedia Programming Interface and Data Specifications 1.0", 1991).
 * The file stands under its name only once it is whole.
 */
export class WavWriter {
  readonly #path: string;
  readonly #rateHz: number;
  readonly #file: FileHandle;
  #samples = 0;

  private constructor(path: string, rateHz: number, file: FileHandle) {
    this.#path = path;
    this.#rateHz = rateHz;
    this.#file = file;
  }

  /** @throws CatnapError `OUTPUT_UNWRITABLE` where no file can be made. */
  static async create(path: string, rateHz: number): Promise<WavWriter> {
    const file = await open(partial(path), 'w').catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
    await file.write(Buffer.alloc(WAV_HEADER_BYTES));
    return new WavWriter(path, rateHz, file);
  }

  /** Samples written so far. */
  get samples(): number {
    return this.#samples;
  }

  /** Appends samples of full scale -1 to 1; louder ones are clipped. */
  async write(samples: Float32Array): Promise<void> {
    const pcm = Buffer.allocUnsafe(samples.length * BYTES_PER_SAMPLE);
    samples.forEach((value, i) => {
      pcm.writeInt16LE(toInt16(value), i * BYTES_PER_SAMPLE);
    });
    await this.#file.write(pcm);
    this.#samples += samples.length;
  }

  /** Completes the header and gives the file its name. */
  async finish(): Promise<void> {
    await this.#file.write(wavHeader(this.#rateHz, this.#samples * BYTES_PER_SAMPLE), 0, WAV_HEADER_BYTES, 0);
    await this.#file.sync();
    await this.#file.close();
    await rename(partial(this.#path), this.#path);
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#file.close();
    await unlink(partial(this.#path));
  }
}

function partial(path: string): string {
  return `${path}.partial`;
}
