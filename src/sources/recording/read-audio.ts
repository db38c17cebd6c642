import { FileSource } from './file.js';

/** A whole recording as one mono signal at 16 kHz; missing samples are zeros.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT`. */
export async function readAudio(path: string): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  let length = 0;
  for await (const item of new FileSource({ id: 'recording', path }).frames(new AbortController().signal)) {
    if (item.kind === 'format') continue;
    const piece = item.kind === 'gap' ? new Float32Array(item.lostSamples) : Float32Array.from(item.data);
    pieces.push(piece);
    length += piece.length;
  }
  const whole = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
