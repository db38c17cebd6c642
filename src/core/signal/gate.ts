import { HighPass } from './high-pass.js';

/** How the energy gate behaves. */
export interface GateProfile {
  /** What lies below is not loudness: mains hum and its strongest harmonics are steady, but no floor to hear above. */
  readonly fromHz: number;
  /** A block this far above the floor opens the gate. */
  readonly openDb: number;
  /** The gate stays open this long after the last such block. */
  readonly holdMs: number;
  /** What tiny is given of the time before the gate opened, so that no first word is lost. */
  readonly preRollMs: number;
  /**
   * The same where tiny remembers what it heard before the gate shut: a pause is then cut short, not heard. Left out,
   * it hears all of a pause shorter than the pre-roll and forgets what was before a longer one.
   */
  readonly resumeMs?: number;
  /** The floor never sinks below this, so that digital silence stays shut. dB re full scale. */
  readonly lowestFloorDb: number;
  /** How fast the floor climbs towards a louder background. */
  readonly riseDbPerSecond: number;
  /** While it is shut the signal may be heard this late: less than any word lasts, so that none is noticed later. */
  readonly napMs: number;
}

const BLOCK_MS = 20;
/** Level of a block without any energy; 20 dB under the least bit of 16-bit audio. */
const NOTHING_DB = -120;
/** Share of the way the floor falls to a quieter block: a few blocks, so that one dropped block cannot sink it. */
const FALL_SHARE = 0.3;
/** Where the floor starts: low, for a gate that is open too long costs microjoules and one shut too early a word. */
const START_FLOOR_DB = -60;

/**
 * Opens on energy above an adaptive floor; silence then runs no model at all. The floor follows the quietest
 * 20 ms blocks: it falls fast and rises slowly, after the minimum-tracking idea of Martin, "Noise power spectral
 * density estimation based on optimal smoothing and minimum statistics" (IEEE TSAP 9(5), 2001), on the energy
 * above hum and rumble, so that neither these nor a microphone's DC offset are loudness.
 *
 * Without a profile it only measures the level and is always open.
 */
export class Gate {
  /** Loudest block of the last hop: RMS, dB re full scale (audio, as the gate hears it) or 1 unit (sensors). */
  levelDb = NOTHING_DB;
  floorDb: number;
  open: boolean;
  readonly #blockLength: number;
  readonly #risePerBlockDb: number;
  readonly #holdHops: number;
  readonly #highPass: HighPass | null;
  /** The hop without what is not loudness. */
  readonly #heard: Float32Array;
  #leftHops = 0;
  #speechHops = 0;

  constructor(
    readonly profile: GateProfile | null,
    rateHz: number,
    hopSamples: number,
  ) {
    const blockSamples = Math.max(1, Math.min(hopSamples, Math.round((rateHz * BLOCK_MS) / 1000)));
    this.#blockLength = blockSamples;
    this.#risePerBlockDb = ((profile?.riseDbPerSecond ?? 0) * blockSamples) / rateHz;
    this.#holdHops = Math.ceil(((profile?.holdMs ?? 0) * rateHz) / 1000 / hopSamples);
    this.#highPass = profile === null ? null : new HighPass(profile.fromHz, rateHz);
    this.#heard = new Float32Array(profile === null ? 0 : hopSamples);
    this.floorDb = profile === null ? NOTHING_DB : Math.max(START_FLOOR_DB, profile.lowestFloorDb);
    this.open = profile === null;
  }

  /** Takes one hop and says whether tiny should hear it. */
  push(hop: Float32Array): boolean {
    const profile = this.profile;
    if (profile === null) {
      this.levelDb = rmsDb(hop, 0, hop.length);
      return true;
    }
    const heard = this.#heard;
    // A missing value would stay in the filter.
    for (let i = 0; i < hop.length; i++) heard[i] = Number.isFinite(hop[i]) ? (hop[i] as number) : 0;
    this.#highPass?.apply(heard);
    let loudestDb = NOTHING_DB;
    for (let start = 0; start < heard.length; start += this.#blockLength) {
      const end = Math.min(heard.length, start + this.#blockLength);
      const blockDb = rmsDb(heard, start, end);
      if (blockDb > loudestDb) loudestDb = blockDb;
      this.#follow(blockDb, profile.lowestFloorDb);
    }
    this.levelDb = loudestDb;
    if (loudestDb >= this.floorDb + profile.openDb) {
      this.#leftHops = this.#holdHops;
      this.open = true;
    } else if (this.#leftHops > 0) {
      this.#leftHops -= 1;
    } else {
      this.open = false;
    }
    return this.open;
  }

  /**
   * Told of the hop that it just let through whether somebody speaks in it, where somebody is asked: it shuts where
   * nobody has for as long as it holds.
   */
  heard(isSpeech: boolean): void {
    this.#speechHops = isSpeech ? this.#holdHops + 1 : Math.max(0, this.#speechHops - 1);
    this.open = this.#speechHops > 0;
  }

  /** Shuts it, at a gap. The floor stays: the room is the same. */
  reset(): void {
    this.#leftHops = 0;
    this.#speechHops = 0;
    this.#highPass?.reset();
    this.open = this.profile === null;
  }

  #follow(blockDb: number, lowestDb: number): void {
    const stepDb =
      blockDb < this.floorDb
        ? (blockDb - this.floorDb) * FALL_SHARE
        : Math.min(this.#risePerBlockDb, blockDb - this.floorDb);
    this.floorDb = Math.max(lowestDb, this.floorDb + stepDb);
  }
}

/** RMS level of the loudest block, without what lies below `fromHz` (null: all of it), dB re full scale. */
export function loudestBlockDb(data: Float32Array, rateHz: number, fromHz: number | null): number {
  return blockLevelsDb(data, rateHz, fromHz).reduce((loudest, level) => Math.max(loudest, level), NOTHING_DB);
}

/** RMS level of each block in turn, as {@link loudestBlockDb}. */
export function blockLevelsDb(data: Float32Array, rateHz: number, fromHz: number | null): readonly number[] {
  const heard = Float32Array.from(data);
  if (fromHz !== null) new HighPass(fromHz, rateHz).apply(heard);
  const block = Math.max(1, Math.round((rateHz * BLOCK_MS) / 1000));
  const levels: number[] = [];
  for (let start = 0; start < heard.length; start += block)
    levels.push(rmsDb(heard, start, Math.min(heard.length, start + block)));
  return levels;
}

/** RMS level of `data[start, end)` in dB; missing values (NaN) are left out. */
function rmsDb(data: Float32Array, start: number, end: number): number {
  let squares = 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    const value = data[i] as number;
    if (!Number.isFinite(value)) continue;
    squares += value * value;
    count += 1;
  }
  if (count === 0) return NOTHING_DB;
  const power = squares / count;
  return power > 1e-12 ? 10 * Math.log10(power) : NOTHING_DB;
}
