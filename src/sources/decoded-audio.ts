import { Block } from '../core/signal/block.js';
/** A recording being decoded. */
export interface DecodedAudio {
  readonly rateHz: number;
  readonly channels: number;
  /** Interleaved blocks, -1 to 1; a block is reused: copy to keep. */
  readonly blocks: AsyncIterable<Float32Array>;
  /** Samples of each channel that its header promises and the file does not hold; known once `blocks` has ended. */
  lostSamples(): number;
}

/**
 * Memory in which a recording is read, decoded and mixed: one that begins again and again leaves nothing to
 * collect.
 */
export class Workspace {
  readonly bytes: Uint8Array;
  readonly decoded = new Block();
  readonly mixed = new Block();
  readonly frame = new Block();

  /** @param readBytes bytes of a file read at a time */
  constructor(readBytes: number) {
    this.bytes = new Uint8Array(readBytes);
  }
}
