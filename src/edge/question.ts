import type { Decision, Recognition, Window } from '../core/cascade/stage.js';
import { ERRORS, type ErrorCode } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import { INT16_FULL_SCALE, type SampleFormat, SIGNED_16, sampleReader } from '../core/signal/pcm.js';

/** What a worker may be asked: the same as the heavy process of a device. */
export interface Question {
  /** `stream`: it remembers from hop to hop, so that each source has its own. */
  readonly role: 'stage' | 'stream' | 'recogniser';
  readonly name: string;
  /** The spec, with files named by what they hold instead of where they stand. */
  readonly description: unknown;
  /** The stage was reset since it was last asked. */
  readonly fresh: boolean;
  /** How long the work may take once it is begun. */
  readonly budgetMs: number;
  readonly window: Window;
}

/** What is answered, and the processor time that it took there. */
export interface Reply {
  readonly answer: Decision | Recognition;
  readonly cpuMs: number;
}

/** Samples of 16 bits where that loses nothing, which is half of what floats take. */
type Format = 's16le' | 'f32le';

interface Header extends Omit<Question, 'window'> {
  readonly format: Format;
  readonly window: Omit<Window, 'data' | 'noticed' | 'wakeWord' | 'about'> & {
    readonly samples: number;
    readonly noticed: readonly (readonly [string, number])[] | null;
    readonly wakeWord: { readonly label: string; readonly samples: number } | null;
  };
}

const FLOAT_32: SampleFormat = { kind: 'float', bytes: 4 };
const LENGTH_BYTES = 4;
/** A header beyond this is none: specs take about 15 kB. */
const HEADER_MAX_BYTES = 1 << 20;

/**
 * A question as bytes: length of the header (UInt32LE), the header as JSON, then the window's samples and those of its
 * wake word, little-endian.
 */
export function encodeQuestion({ window, ...asked }: Question): Buffer {
  const { data, noticed, wakeWord, about: _, ...place } = window;
  const parts = wakeWord === undefined ? [data] : [data, wakeWord.data];
  const format = parts.every(isWhole) ? 's16le' : 'f32le';
  const header: Header = {
    ...asked,
    format,
    window: {
      ...place,
      samples: data.length,
      noticed: noticed === undefined ? null : [...noticed],
      wakeWord: wakeWord === undefined ? null : { label: wakeWord.label, samples: wakeWord.data.length },
    },
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, ...parts.map((samples) => bytesOf(samples, format))]);
}

/** The question that bytes hold; null where they hold none. */
export function decodeQuestion(bytes: Buffer): Question | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + bytes.readUInt32LE(0);
  if (end > bytes.length || end > HEADER_MAX_BYTES) return null;
  const header = parseJson(bytes.toString('utf8', LENGTH_BYTES, end));
  if (!isHeader(header)) return null;
  const { format, window, ...asked } = header;
  const { samples, noticed, wakeWord, ...place } = window;
  const all = samplesOf(bytes.subarray(end), format);
  if (all.length !== samples + (wakeWord?.samples ?? 0)) return null;
  return {
    ...asked,
    window: {
      ...place,
      data: all.slice(0, samples),
      ...(noticed === null ? {} : { noticed: new Map(noticed) }),
      ...(wakeWord === null ? {} : { wakeWord: { label: wakeWord.label, data: all.slice(samples) } }),
    },
  };
}

/** A reply as JSON. */
export function encodeReply({ answer, cpuMs }: Reply): string {
  const besides = 'besides' in answer && answer.besides !== undefined ? [...answer.besides] : undefined;
  return JSON.stringify({ answer: besides === undefined ? answer : { ...answer, besides }, cpuMs });
}

/** The reply that JSON holds; null where it holds none. Whether its numbers are any is asked of every stage. */
export function decodeReply(text: string): Reply | null {
  const reply = parseJson(text);
  if (!isObject(reply) || !isObject(reply.answer)) return null;
  const { answer } = reply;
  const { kind, stage, besides } = answer;
  if (typeof stage !== 'string') return null;
  const cpuMs = typeof reply.cpuMs === 'number' ? reply.cpuMs : 0;
  switch (kind) {
    case 'abstain':
      return { cpuMs, answer: { kind, stage, code: codeOf(answer.code) } };
    case 'empty':
      return { cpuMs, answer: { kind, stage } };
    case 'transcript':
      if (typeof answer.text !== 'string') return null;
      return { cpuMs, answer: { kind, stage, text: answer.text, confidence: numberOf(answer.confidence) } };
    case 'accept':
    case 'reject':
    case 'uncertain': {
      if (typeof answer.label !== 'string' || !Array.isArray(answer.contributions)) return null;
      const judged = { ...answer, score: numberOf(answer.score), confidence: numberOf(answer.confidence) };
      const whole = Array.isArray(besides) ? { ...judged, besides: new Map(besides) } : judged;
      return { cpuMs, answer: whole as unknown as Decision };
    }
    default:
      return null;
  }
}

function isHeader(value: unknown): value is Header {
  if (!isObject(value) || !isObject(value.window)) return false;
  const { window, role, format } = value;
  const numbers = [value.budgetMs, window.startSample, window.rateHz, window.channels, window.samples];
  return (
    (role === 'stage' || role === 'stream' || role === 'recogniser') &&
    (format === 's16le' || format === 'f32le') &&
    typeof value.name === 'string' &&
    typeof value.fresh === 'boolean' &&
    typeof window.source === 'string' &&
    numbers.every((each) => typeof each === 'number' && Number.isFinite(each)) &&
    (window.noticed === null || Array.isArray(window.noticed)) &&
    (window.wakeWord === null || isObject(window.wakeWord))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function codeOf(value: unknown): ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value) ? (value as ErrorCode) : 'STAGE_CRASHED';
}

function isWhole(samples: Float32Array): boolean {
  for (const value of samples) {
    const scaled = value * INT16_FULL_SCALE;
    if (!(Number.isInteger(scaled) && scaled >= -INT16_FULL_SCALE && scaled < INT16_FULL_SCALE)) return false;
  }
  return true;
}

/** In loops: a function for each of 40,000 samples takes longer than the way there and back. */
function bytesOf(samples: Float32Array, format: Format): Buffer {
  if (format === 'f32le') return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const whole = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) whole[i] = (samples[i] as number) * INT16_FULL_SCALE;
  return Buffer.from(whole.buffer);
}

function samplesOf(bytes: Buffer, format: Format): Float32Array {
  return sampleReader(format === 'f32le' ? FLOAT_32 : SIGNED_16)(bytes);
}
