import { SingleBar } from 'cli-progress';
import { InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { Microphone, type MicrophoneOptions } from '../sources/microphone/microphone.js';
import { WavWriter } from '../sources/recording/wav-writer.js';
import type { RegisterCommand } from './command.js';

interface RecordOptions {
  readonly seconds: number;
  readonly config?: string;
  readonly source?: string;
  readonly device?: string;
  readonly json: boolean;
}

interface Recorded {
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
      const microphone = { ...chosen(options), ...(options.device && { device: options.device }) };
      const recorded = await record(file, microphone, options.seconds);
      const { rateHz } = microphone;
      const durationMs = Math.round((recorded.samples * 1000) / rateHz);
      const lost = recorded.gaps === 0 ? '' : `, ${recorded.gaps} gaps`;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, rateHz, durationMs, ...recorded })}\n`
          : `Wrote ${file}: ${(durationMs / 1000).toFixed(1)} s${lost}\n`,
      );
    });
};

type Chosen = Partial<MicrophoneOptions> & Pick<MicrophoneOptions, 'id' | 'rateHz'>;

function chosen({ config, source }: RecordOptions): Chosen {
  if (config === undefined) return { id: 'microphone', rateHz: 16_000 };
  const found = loadConfig(config).sources.find(
    (candidate) => candidate.kind === 'microphone' && (source === undefined || candidate.id === source),
  );
  if (found?.kind === 'microphone') return found;
  const wanted = source === undefined ? 'a microphone' : `a microphone named "${source}"`;
  throw new CatnapError('USAGE', `record: expected ${wanted} in ${config}, found none`);
}

async function record(file: string, microphone: Chosen, durationS: number): Promise<Recorded> {
  const wanted = durationS * microphone.rateHz;
  const writer = await WavWriter.create(file, microphone.rateHz);
  const progress = createProgress(durationS);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let gaps = 0;
  let lostSamples = 0;
  try {
    for await (const item of new Microphone(microphone).frames(stop.signal)) {
      if (item.kind === 'format') continue;
      const left = wanted - writer.samples;
      if (item.kind === 'gap') {
        gaps += 1;
        lostSamples += item.lostSamples;
        await writer.write(new Float32Array(Math.min(item.lostSamples, left)));
      } else await writer.write(item.data.subarray(0, left));
      progress.at(writer.samples / microphone.rateHz);
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
