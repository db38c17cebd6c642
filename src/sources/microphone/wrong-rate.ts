import { CatnapError } from '../../core/errors.js';

/** A microphone whose samples come at another rate than was asked for, and what converts them where ALSA can. */
export function wrongRate(id: string, device: string, rateHz: number, foundHz: number): CatnapError {
  const remedy = device.startsWith('hw:') ? `; plug${device} converts` : '';
  return new CatnapError(
    'SOURCE_RATE',
    `microphone ${id}: expected ${rateHz} samples a second, found ${foundHz}${remedy}`,
  );
}
