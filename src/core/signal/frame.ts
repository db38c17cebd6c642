/** What a source says about its signal before its first frame, and again whenever it changes. */
export interface SignalFormat {
  readonly kind: 'format';
  readonly source: string;
  /** Samples a second of each channel. Sensor rows count as samples; 1 Hz and below are fine. */
  readonly rateHz: number;
  /** One entry a channel, in the order of the interleaving. Audio is one channel named `audio`, unit `FS`. */
  readonly channels: readonly ChannelFormat[];
  /** Milliseconds since the epoch at which sample 0 was, where the source or its clock tells. */
  readonly startMs?: number | undefined;
}

/** What a stage or cascade has to know of a signal. */
export type SignalTraits = Pick<SignalFormat, 'rateHz' | 'channels' | 'startMs'>;

export interface ChannelFormat {
  readonly name: string;
  /** Unit of the values as they stand in frames (`FS` = full scale, -1 to 1), or '' when unknown. */
  readonly unit: string;
}

/**
 * One hop of one signal. `data` is reused by the source: copy to keep.
 * Values are interleaved sample by sample (`data[i * channels + c]`); a missing value is NaN.
 */
export interface Frame {
  readonly kind: 'frame';
  readonly source: string;
  /** Index of the first sample since the source was first opened; lost samples count. The cascade's only clock. */
  readonly sample: number;
  readonly rateHz: number;
  readonly channels: number;
  readonly data: Float32Array;
  /** When its last sample was there, in monotonic milliseconds; without it, when the frame is taken. */
  readonly arrivedMs?: number | undefined;
}

/** Whether two are one signal: another name or unit is another signal, even where rate and number of channels stay. */
export function isSameSignal(a: SignalTraits, b: SignalTraits): boolean {
  return (
    a.rateHz === b.rateHz &&
    a.channels.length === b.channels.length &&
    a.channels.every(
      (channel, i) => channel.name === b.channels[i]?.name && channel.unit === b.channels[i]?.unit,
    )
  );
}

/**
 * Why samples are missing. `gated`: the board's own gate found nothing in them and sent a summary instead; `muted`:
 * somebody asked not to be heard.
 */
export type GapReason = 'overrun' | 'dropped' | 'lost' | 'reset' | 'garbage' | 'format' | 'gated' | 'muted';

/** Loss is data: samples `[sample, sample + lostSamples)` never arrived. Stages reset; no detection spans it. */
export interface Gap {
  readonly kind: 'gap';
  readonly source: string;
  /** Sample index at which the loss begins. */
  readonly sample: number;
  /** Samples lost; 0 when the count is unknown. */
  readonly lostSamples: number;
  readonly reason: GapReason;
}

/** What flows out of a source. */
export type SourceItem = SignalFormat | Frame | Gap;

/** How many milliseconds late the next frame may come; asked before every wait. 0: as soon as it is there. */
export type Patience = () => number;

/**
 * A signal. `frames` may be iterated once at a time; it ends when the recording ends, returns when `signal`
 * aborts, and throws a {@link CatnapError} (`SOURCE_*`) when the device is lost. It reads no further ahead
 * than its own bounded buffer.
 */
export interface Source {
  readonly id: string;
  /** @param patience lets a source that plays in real time wait for several frames at once; free to ignore. */
  frames(signal: AbortSignal, patience?: Patience): AsyncIterable<SourceItem>;
}
