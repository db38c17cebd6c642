import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { benchSpeed, SCENARIOS, type SpeedBench } from '../bench/speed.js';
import { percent, positive, progressOver } from './bench-common.js';

interface SpeedFlags {
  readonly minutes: string;
  readonly hours: string;
  readonly recording: string;
  readonly json: boolean;
}

const DEMO = fileURLToPath(new URL('../../fixtures/demo/voice.wav', import.meta.url));

/** `catnap bench speed` */
export function registerBenchSpeed(bench: Command): void {
  bench
    .command('speed')
    .description('CPU share, latency, memory and overhead of listening, in real time')
    .option('--minutes <n>', 'real time of each of four scenarios, after its first 20 s', '1')
    .option('--hours <n>', 'hours replayed for the memory figures', '1')
    .option('--recording <file>', 'speech with wake words and utterances', DEMO)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: SpeedFlags) => {
      const progress = progressOver(SCENARIOS.length + 2, 'measurements');
      const result = await benchSpeed({
        seconds: 60 * positive('--minutes', flags.minutes),
        hours: positive('--hours', flags.hours),
        recording: flags.recording,
        onScenario: progress.step,
      }).finally(progress.stop);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function render(result: SpeedBench): string {
  const { scenarios, overhead, memory, noticeLatencyMs, verifyLatencyMs } = result;
  const ms = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ms`);
  const lines = [
    `${result.machine}, Node ${result.node}`,
    ...Object.values(scenarios).map(
      ({ name, seconds, cpuShare, heavyCpuShare, rssMb }) =>
        `${name} (${result.measured[name]}): ${percent2(cpuShare)} of one core, heavy process ${percent2(heavyCpuShare)}, ${rssMb.toFixed(0)} MB, over ${seconds.toFixed(0)} s`,
    ),
    `noticed, main thread blocked: p50 ${ms(noticeLatencyMs.p50)}, p99 ${ms(noticeLatencyMs.p99)} of ${noticeLatencyMs.count}`,
    `verified, main thread blocked: p50 ${ms(verifyLatencyMs.p50)}, p99 ${ms(verifyLatencyMs.p99)} of ${verifyLatencyMs.count}`,
    `cascade over bare stage: ${overhead.ratio.toFixed(3)}x (real-time factor ${percent2(overhead.cascadeRealTimeFactor)} over ${percent2(overhead.bareRealTimeFactor)})`,
    `memory: ${memory.afterTenMinutesMb.toFixed(1)} MB after ten minutes, ${memory.atTheEndMb.toFixed(1)} MB after ${memory.simulatedHours} h, ${memory.slopeMbPerHour.toFixed(2)} MB/h`,
  ];
  return `${lines.join('\n')}\n`;
}

function percent2(share: number): string {
  return share < 0.1 ? `${(share * 100).toFixed(2)}%` : percent(share);
}
