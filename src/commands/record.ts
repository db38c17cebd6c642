import { SingleBar } from 'cli-progress';
import { InvalidArgumentError } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import { systemTime } from '../runtime/process/system-clock.js';
import { sourceKindsWith } from '../runtime/sources.js';
import { WavWriter } from '../sources/recording/wav-writer.js';
import type { Capture } from '../sources/source-kind.js';
import type { RegisterCommand } from './command.js';

/** Which microphone. */
export interface MicrophoneOptions {
  readonly config?: string;
  readonly source?: string;
  readonly device?: string;
}

interface RecordOptions extends MicrophoneOptions {
  readonly seconds: number;
  readonly json: boolean;
}

/** What was recorded. */
export interface Recorded {
  readonly samples: number;
  /** Stretches that were lost; they are silence in the file, so that its clock is right. */
  readonly gaps: number;
  readonly lostSamples: number;
}

const SECONDS_MAX = 3600;

/** `catnap record`: a fixture from the live microphone. */
export const registerRecord: RegisterCommand = (program) => {
  program
    .command('record')
    .description('record a WAV fixture from the microphone; Ctrl-C ends it early and keeps it')
    .argument('<file>', 'WAV file to write; it appears once it is whole')
    .option('-s, --seconds <number>', `how long, up to ${SECONDS_MAX}`, seconds, 10)
    .option('--config <file>', 'take the microphone from this configuration')
    .option('--source <id>', 'which of its microphones; the first unless given')
    .option('--device <name>', 'ALSA device, as `catnap devices` lists them')
    .option('--json', 'print the result as JSON', false)
    .action(async (file: string, options: RecordOptions) => {
      const capture = await openCapture(options);
      const recorded = await record(file, capture, options.seconds);
      const { rateHz } = capture;
      const durationMs = Math.round((recorded.samples * 1000) / rateHz);
      const lost = recorded.gaps === 0 ? '' : `, ${recorded.gaps} gaps`;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, rateHz, durationMs, ...recorded })}\n`
          : `Wrote ${file}: ${(durationMs / 1000).toFixed(1)} s${lost}\n`,
      );
    });
};

/** Opens the microphone that is asked for. */
export async function openCapture(options: MicrophoneOptions): Promise<Capture> {
  const { kind, config } = chosen(options);
  return kind.capture(config, systemTime, options.device);
}

/** The source of the configuration; without one, what the first kind that can be recorded is by default. */
function chosen({ config: file, source }: MicrophoneOptions) {
  const captured = sourceKindsWith('capture');
  if (file === undefined) {
    const kind = captured[0];
    return { kind, config: kind.schema(z).parse({ id: kind.kind, kind: kind.kind }) };
  }
  for (const config of loadConfig(file, process.env, needsNothing).sources) {
    const kind = captured.find((candidate) => candidate.kind === config.kind);
    if (kind !== undefined && (source === undefined || config.id === source)) return { kind, config };
  }
  const kinds = captured.map(({ kind }) => kind).join(' or ');
  const wanted = source === undefined ? `a ${kinds}` : `a ${kinds} named "${source}"`;
  throw new CatnapError('USAGE', `record: expected ${wanted} in ${file}, found none`);
}

/** Records a WAV file of so many seconds, or less where a signal ends it; the file appears once it is whole. */
export async function record(
  file: string,
  { source, rateHz }: Capture,
  durationS: number,
): Promise<Recorded> {
  const wanted = durationS * rateHz;
  const writer = await WavWriter.create(file, rateHz);
  const progress = createProgress(durationS);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let gaps = 0;
  let lostSamples = 0;
  try {
    for await (const item of source.frames(stop.signal)) {
      if (item.kind === 'format') continue;
      const left = wanted - writer.samples;
      if (item.kind === 'gap') {
        gaps += 1;
        lostSamples += item.lostSamples;
        await writer.write(new Float32Array(Math.min(item.lostSamples, left)));
      } else await writer.write(item.data.subarray(0, left));
      progress.at(writer.samples / rateHz);
      if (writer.samples >= wanted) stop.abort();
    }
    await writer.finish();
    return { samples: writer.samples, gaps, lostSamples };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    progress.stop();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function createProgress(durationS: number): { at(seconds: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { at: () => {}, stop: () => {} };
  const bar = new SingleBar({ format: '{bar} {value} / {total} s', stream: process.stderr });
  bar.start(durationS, 0);
  return { at: (done) => bar.update(Math.floor(done)), stop: () => bar.stop() };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= SECONDS_MAX)) {
    throw new InvalidArgumentError(`expected a number above 0 and up to ${SECONDS_MAX}`);
  }
  return value;
}
