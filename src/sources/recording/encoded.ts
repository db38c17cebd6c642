import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { CatnapError } from '../../core/errors.js';
import type { DecodedAudio } from '../decoded-audio.js';
import type { Bytes } from './decoded.js';

/** What a decoder gives for some bytes; often nothing yet. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

interface Decoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush(): Promise<Decoded>;
  free(): void;
}

/** Compressed formats, by what their decoders are made for. */
export type Encoding = 'flac' | 'ogg-vorbis' | 'ogg-opus';

/**
 * Decodes FLAC, Ogg Vorbis or Ogg Opus as it streams, by maintained WASM builds of the reference decoders.
 * @throws CatnapError `SOURCE_FORMAT` when nothing in it can be decoded.
 */
export async function decodeEncoded(bytes: Bytes, name: string, encoding: Encoding): Promise<DecodedAudio> {
  const decoder = decoderOf(encoding);
  await decoder.ready;
  const pieces = decodedPieces(decoder, bytes);
  const first = await pieces.next();
  if (first.done === true) {
    throw new CatnapError('SOURCE_FORMAT', `${name}: expected ${encoding} audio, found none that decodes`);
  }
  async function* blocks(head: Decoded): AsyncGenerator<Float32Array> {
    yield interleave(head);
    for await (const piece of pieces) yield interleave(piece);
  }
  const { sampleRate, channelData } = first.value;
  return {
    rateHz: sampleRate,
    channels: channelData.length,
    blocks: blocks(first.value),
    lostSamples: () => 0,
  };
}

function decoderOf(encoding: Encoding): Decoder {
  switch (encoding) {
    case 'flac':
      return wholeFlacDecoder();
    case 'ogg-vorbis':
      return new OggVorbisDecoder();
    case 'ogg-opus':
      return new OggOpusDecoder();
  }
}

/**
 * Header of a FLAC frame (RFC 9639, 9.1) of 4,096 samples, with its CRC-8, and as many bytes as a parser of headers
 * wants to see.
 */
const NEXT_FRAME = Uint8Array.of(0xff, 0xf8, 0xc9, 0x08, 0x00, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** The library tells a frame by the beginning of the next one, and may keep the last for itself. */
function wholeFlacDecoder(): Decoder {
  const decoder = new FLACDecoder();
  return {
    ready: decoder.ready,
    decode: (bytes) => decoder.decode(bytes),
    async flush() {
      const last = await decoder.decode(NEXT_FRAME);
      await decoder.flush();
      return last;
    },
    free: () => decoder.free(),
  };
}

async function* decodedPieces(decoder: Decoder, bytes: Bytes): AsyncGenerator<Decoded, void> {
  try {
    for await (const piece of bytes) {
      // Decoders hold on to what they cannot decode yet.
      const decoded = await decoder.decode(piece.slice());
      if (decoded.samplesDecoded > 0) yield decoded;
    }
    const rest = await decoder.flush();
    if (rest.samplesDecoded > 0) yield rest;
  } finally {
    decoder.free();
  }
}

function interleave({ channelData, samplesDecoded }: Decoded): Float32Array {
  const [only] = channelData;
  if (channelData.length === 1 && only !== undefined) return only;
  const channels = channelData.length;
  const block = new Float32Array(samplesDecoded * channels);
  channelData.forEach((data, channel) => {
    for (let i = 0; i < samplesDecoded; i++) block[i * channels + channel] = data[i] as number;
  });
  return block;
}
