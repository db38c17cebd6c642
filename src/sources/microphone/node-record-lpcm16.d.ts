/** The parts of `node-record-lpcm16` 1.0.1 that Catnap uses; it ships no types. */
declare module 'node-record-lpcm16' {
  import type { ChildProcessByStdio } from 'node:child_process';
  import type { Readable } from 'node:stream';

  /** What the library hands to a recorder module; keys it does not know pass through. */
  interface RecordingOptions {
    readonly sampleRate: number;
    readonly channels: number;
    readonly audioType: 'raw' | 'wav';
    readonly device?: string;
    /** Name of one of its recorders, or the absolute path of a recorder module. */
    readonly recorder: string;
    readonly [extra: string]: unknown;
  }

  interface Recording {
    readonly process: ChildProcessByStdio<null, Readable, Readable>;
    stream(): Readable;
  }

  const lpcm16: { record(options: RecordingOptions): Recording };
  export = lpcm16;
}

declare module 'node-record-lpcm16/recorders/*.js' {
  interface CommandLine {
    readonly cmd: string;
    readonly args: readonly (string | number)[];
    readonly spawnOptions?: { readonly env?: NodeJS.ProcessEnv };
  }
  function recorder(options: object): CommandLine;
  export = recorder;
}
