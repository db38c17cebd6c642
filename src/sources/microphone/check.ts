import { type Finding, ok } from '../../core/finding.js';
import type { Source } from '../../core/signal/frame.js';

/**
 * Listens to a microphone until a second of it is heard.
 * @param source as it is opened to be listened to, captured at `rateHz` with one channel of samples a frame
 * @throws CatnapError what the source throws that cannot be opened, is lost, hangs or is at the wrong rate
 */
export async function checkMicrophone(
  source: Source,
  {
    device,
    rateHz,
    channels,
  }: { readonly device: string; readonly rateHz: number; readonly channels: number },
): Promise<Finding> {
  let samples = 0;
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind === 'frame') samples += item.data.length;
    if (samples >= rateHz) break;
  }
  return ok(`hears "${device}" at ${rateHz} Hz, ${channels} ${channels === 1 ? 'channel' : 'channels'}`);
}
