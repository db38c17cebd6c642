import type { Command } from 'commander';
import type { NabResult } from '../bench/nab.js';
import type { PaceResult } from '../bench/nab-pace.js';
import { benchSensorMemory, type SensorMemory } from '../bench/sensor-memory.js';
import { benchSensors, type SensorBench, type SkabBench, type SkabPart } from '../bench/sensors.js';
import { type CascadeFlags, CONFIG, cascadeNamed, cascadeOf, percent } from './bench-common.js';
import { positiveNumber } from './positive-number.js';
import { wholeNumber } from './whole-number.js';

interface MemoryFlags extends CascadeFlags {
  readonly every: number;
  readonly days: number;
  readonly json: boolean;
}

interface SensorFlags extends CascadeFlags {
  readonly data: string;
  readonly json: boolean;
}

/** `catnap bench sensors`: the sensor cascade on labelled recordings. */
export function registerBenchSensors(bench: Command): void {
  bench
    .command('sensors')
    .description('false and missed alarms on SKAB and NAB, through the whole cascade')
    .requiredOption('--data <dir>', 'folder with sensors/skab, sensors/nab and sensors/nab_windows.json')
    .addOption(CONFIG)
    .addOption(cascadeNamed('sensor'))
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: SensorFlags) => {
      const result = await benchSensors({
        data: flags.data,
        config: cascadeOf(flags, 'sensor'),
        onFile: () => {},
      });
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
  bench
    .command('sensor-memory')
    .description('memory of a source over a made-up time: eight channels with a course of day and week')
    .option('--every <seconds>', 'time between two rows', positiveNumber, 60)
    .option('--days <n>', 'how long, in days of signal', wholeNumber(1), 365)
    .addOption(CONFIG)
    .addOption(cascadeNamed('sensor'))
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: MemoryFlags) => {
      const { every, days } = flags;
      const memory = await benchSensorMemory(cascadeOf(flags, 'sensor'), { rowSeconds: every, days });
      process.stdout.write(flags.json ? `${JSON.stringify(memory)}\n` : renderMemory(memory));
    });
}

function renderMemory({ readings, stateBytes, rows }: SensorMemory): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
  const lines = readings.map(({ day, bytes }) => `  after ${day.toFixed(1)} days ${mb(bytes)} MB`);
  const sizes = readings.map(({ bytes }) => bytes);
  return `${rows} rows: ${mb(Math.min(...sizes))} to ${mb(Math.max(...sizes))} MB, ${(stateBytes / 1e3).toFixed(0)} kB on disk\n${lines.join('\n')}\n`;
}

function render({ skab, nab, paces, dead, costs }: SensorBench): string {
  const lines: string[] = [];
  if (skab !== null)
    lines.push(...renderSkab('tiny', skab.tiny), ...renderSkab('tiny + heavy', skab.cascade));
  if (nab !== null) lines.push(...renderNab('tiny', nab.tiny), ...renderNab('tiny + heavy', nab.cascade));
  lines.push(
    ...paces.map(renderPace),
    `channels made dead or stuck: ${dead.told} of ${dead.tries} told within 120 rows`,
    ...dead.missed.map((channel) => `  not told: ${channel}`),
    ...costs.map(
      ({ rowSeconds, usPerRow, coreShare }) =>
        `eight channels, a row every ${rowSeconds} s: ${usPerRow.toFixed(1)} us of CPU a row, ${percent(coreShare)} of a core`,
    ),
  );
  return `${lines.join('\n')}\n`;
}

function renderNab(
  name: string,
  { score, found, windows, falseAlarms, tunedOn, heldOut }: NabResult,
): string[] {
  return [
    `NAB standard ${name}: ${score.toFixed(1)}: ${found} of ${windows} windows, ${falseAlarms} false alarms`,
    `NAB standard ${name}, series at even places ${tunedOn.score.toFixed(1)}, at odd places ${heldOut.score.toFixed(1)}`,
  ];
}

function renderPace(pace: PaceResult): string {
  const { rowSeconds, series, found, windows, falseAlarms, interval, promised, delaySeconds } = pace;
  const counted = `${falseAlarms} (95%: ${interval.low.toFixed(0)} to ${interval.high.toFixed(0)})`;
  const delay = delaySeconds === null ? '-' : `${(delaySeconds / 3600).toFixed(1)} h`;
  return `  a row every ${rowSeconds} s: ${series} series, ${found} of ${windows} windows, false alarms ${counted}, promised ${promised.toFixed(0)}, median delay ${delay}`;
}

function renderSkab(name: string, bench: SkabBench): string[] {
  const part = (what: string, { f1, falseAlarmRate, missedAlarmRate, files }: SkabPart) =>
    `SKAB ${name}, ${what} (${files} files): F1 ${f1.toFixed(3)}, false ${percent(falseAlarmRate)}, missed ${percent(missedAlarmRate)}`;
  return [
    part('all', bench),
    part('tuned on', bench.tunedOn),
    part('held out', bench.heldOut),
    part('whole files', bench.wholeFile),
    `  ${bench.cpuMsPer1000Rows.toFixed(2)} ms CPU per 1,000 rows, ${bench.heavyWakeupsPerHour.toFixed(1)} heavy wake-ups/h`,
  ];
}
