/**
 * A recorder module for `node-record-lpcm16`, which loads it by its absolute path: the library's own command
 * line plus what it has no options for (period and buffer sizes, an untranslated stderr).
 */
import arecord = require('node-record-lpcm16/recorders/arecord.js');
import sox = require('node-record-lpcm16/recorders/sox.js');

function recorder(options: recorder.Options): recorder.CommandLine {
  const base = options.program === 'arecord' ? arecord(options) : sox(options);
  const bytesPerPeriod = (options.periodMs / 1000) * options.sampleRate * options.channels * 2;
  const extra =
    options.program === 'arecord'
      ? [`--period-time=${options.periodMs * 1000}`, `--buffer-time=${options.deviceBufferMs * 1000}`]
      : ['--buffer', String(bytesPerPeriod), ...soxInput(options)];
  return {
    cmd: base.cmd,
    args: [...extra, ...base.args.map(String)],
    // In a group of its own, so that Ctrl-C in a terminal does not end the signal before the cascade is done.
    spawnOptions: { detached: true, env: { ...(base.spawnOptions?.env ?? process.env), LC_ALL: 'C' } },
  };
}

/** The library's format options describe the output alone; without these sox captures two channels at 48 kHz. */
function soxInput({ sampleRate, channels }: recorder.Options): readonly string[] {
  const format = ['--encoding', 'signed-integer', '--bits', '16'];
  return ['--rate', String(sampleRate), '--channels', String(channels), ...format];
}

namespace recorder {
  export interface Options {
    readonly program: 'arecord' | 'sox';
    readonly sampleRate: number;
    readonly channels: number;
    readonly audioType: 'raw';
    readonly device?: string;
    readonly periodMs: number;
    readonly deviceBufferMs: number;
  }

  export interface CommandLine {
    readonly cmd: string;
    readonly args: readonly string[];
    readonly spawnOptions: { readonly detached: boolean; readonly env: NodeJS.ProcessEnv };
  }
}

export = recorder;
