import { joined } from '../../core/signal/joined.js';
import { FileSource } from './file.js';

/**
 * A whole recording as one mono signal at 16 kHz; missing samples are zeros.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT`.
 */
export async function readAudio(path: string): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const item of new FileSource({ id: 'recording', path }).frames(new AbortController().signal)) {
    if (item.kind === 'format') continue;
    pieces.push(item.kind === 'gap' ? new Float32Array(item.lostSamples) : Float32Array.from(item.data));
  }
  return joined(pieces);
}
