import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import {
  benchSpeed,
  PARTS,
  type ScenarioFigures,
  type SpeedBench,
  type SpeedPart,
  type Spread,
} from '../bench/speed.js';
import { CatnapError } from '../core/errors.js';
import { progressOver } from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface SpeedFlags {
  readonly minutes: number;
  readonly hours: number;
  readonly only: string;
  readonly recording: string;
  readonly json: boolean;
}

const DEMO = fileURLToPath(new URL('../../fixtures/demo/voice.wav', import.meta.url));

/** `catnap bench speed` */
export function registerBenchSpeed(bench: Command): void {
  bench
    .command('speed')
    .description('CPU share, latency, memory and overhead of the whole program while it listens in real time')
    .option(
      '--minutes <n>',
      'real time of each measurement but the last two, after its first 20 s',
      wholeNumber(1),
      5,
    )
    .option('--hours <n>', 'hours replayed for the memory figures, about 10 to 30 s each', wholeNumber(1), 1)
    .option('--only <parts>', `some of the parts, by commas`, PARTS.join(','))
    .option('--recording <file>', 'speech with wake words and utterances', DEMO)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: SpeedFlags) => {
      const parts = partsOf(flags.only);
      const progress = progressOver(parts.length, 'measurements');
      const result = await benchSpeed({
        parts,
        seconds: 60 * flags.minutes,
        hours: flags.hours,
        recording: flags.recording,
        onPart: progress.step,
      }).finally(progress.stop);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

/** @throws CatnapError `USAGE` for a part there is not. */
function partsOf(text: string): readonly SpeedPart[] {
  return text.split(',').map((name) => {
    const part = PARTS.find((each) => each === name.trim());
    if (part !== undefined) return part;
    throw new CatnapError('USAGE', `--only: expected some of ${PARTS.join(', ')}, found "${name}"`);
  });
}

/** What is aimed at. */
const AIMS = {
  silence: 0.006,
  speech: 0.015,
  detectionMs: 60,
  overhead: 1.15,
  microFrameUs: 15,
  residentMb: 90,
  ownWord: 0.01,
  tenOwnWords: 1.2,
  ownWordMb: 25,
} as const;

function render({ machine, node, flags, scenarios, overhead, memory }: SpeedBench): string {
  const lines = [`${machine}, Node ${node} ${flags.join(' ')}`];
  for (const figures of Object.values(scenarios)) lines.push(...scenarioLines(figures));
  lines.push(...ownWordsLines(scenarios));
  if (overhead !== null) {
    const { ratio, cascadeRealTimeFactor, bareRealTimeFactor, microFrameUs } = overhead;
    lines.push(
      `cascade over bare stage: ${ratio.toFixed(3)}x${aim(ratio, AIMS.overhead, (value) => `${value}x`)}, real-time factor ${percent(cascadeRealTimeFactor)} over ${percent(bareRealTimeFactor)}`,
      `microWakeWord's front end: ${us(microFrameUs)} of CPU a frame of 10 ms${aim(microFrameUs, AIMS.microFrameUs, us)}`,
    );
  }
  if (memory !== null) {
    const { low, high } = memory.slopeInterval;
    lines.push(
      `memory of ${memory.simulatedHours.toFixed(0)} h replayed: ${mb(memory.afterTenMinutesMb)} after ten minutes, ${mb(memory.afterAnHourMb)} after an hour, ${mb(memory.atTheEndMb)} at the end${aim(memory.atTheEndMb, AIMS.residentMb, mb)}`,
      `  slope ${memory.slopeMbPerHour.toFixed(3)} MB/h (95%: ${low.toFixed(3)} to ${high.toFixed(3)}; aim flat, ${low <= 0 ? 'met' : 'missed'})`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function scenarioLines(figures: ScenarioFigures): string[] {
  const { name, measured, seconds, cpuShare, heavyCpuShare, rssMb, peak } = figures;
  const { noticeLatencyMs, verifyLatencyMs, wordLatencyMs } = figures;
  const cpuAim = name === 'silence' || name === 'speech' ? aim(cpuShare, AIMS[name], percent) : '';
  const heavyAsleep = name === 'silence' || name === 'speech';
  const lines = [
    `${name} (${measured}), ${seconds.toFixed(0)} s: ${percent(cpuShare)} of one core${cpuAim}, heavy process ${percent(heavyCpuShare)}, ${mb(rssMb)}${heavyAsleep ? aim(rssMb, AIMS.residentMb, mb) : ''}`,
  ];
  if (peak.childMb > 0)
    lines.push(`  awake ${mb(peak.ownMb)} and heavy process ${mb(peak.childMb)}, both shared in proportion`);
  const { detectionMs } = AIMS;
  if (noticeLatencyMs.count > 0) lines.push(`  noticed ${latency(noticeLatencyMs, detectionMs)}`);
  if (verifyLatencyMs.count > 0) lines.push(`  verified ${latency(verifyLatencyMs, detectionMs)}`);
  if (wordLatencyMs.count > 0)
    lines.push(`  from the word's end to verified ${latency(wordLatencyMs, null)}`);
  return lines;
}

/** What words of one's own cost beside the trained ones. */
function ownWordsLines(scenarios: SpeedBench['scenarios']): string[] {
  const { 'words-0': none, 'words-1': one, 'words-10': ten } = scenarios;
  if (none === undefined || one === undefined || ten === undefined) return [];
  const [share, tenShare] = [one.cpuShare - none.cpuShare, ten.cpuShare - none.cpuShare];
  const more = (of: ScenarioFigures) =>
    `${mb(of.privateMb - none.privateMb)} of its own${aim(of.privateMb - none.privateMb, AIMS.ownWordMb, mb)}, ${mb(of.rssMb - none.rssMb)} resident`;
  return [
    `a word of your own: ${percent(share)} of one core${aim(share, AIMS.ownWord, percent)}, ${more(one)}`,
    `ten: ${percent(tenShare)}, ${(tenShare / share).toFixed(2)} times that${aim(tenShare / share, AIMS.tenOwnWords, (value) => `${value} times`)}, ${more(ten)}`,
  ];
}

function latency({ count, p50, p99, max }: Spread, mostMs: number | null): string {
  const goal = p99 === null || mostMs === null ? '' : aim(p99, mostMs, ms);
  return `${count} times: p50 ${ms(p50)}, p99 ${ms(p99)}${goal}, longest ${ms(max)}`;
}

function aim(value: number, most: number, show: (value: number) => string): string {
  return ` (aim ${show(most)}, ${value <= most ? 'met' : 'missed'})`;
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`;
}

function us(value: number): string {
  return `${value.toFixed(1)} us`;
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
