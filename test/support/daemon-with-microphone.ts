import { afterEach, beforeEach } from 'vitest';
import { Daemon, type DaemonOptions } from './daemon.js';
import { writeMicrophoneShim } from './microphone-shim.js';
import { goldenPcm } from './recordings.js';
import { createShims, type Shims } from './shims.js';

/** What a test with a fake microphone works with; made anew for each. */
export interface WithMicrophone {
  readonly shims: Shims;
  /** Starts `catnap run` with a configuration; it is ended after the test. */
  run(yaml: string, options?: DaemonOptions): Daemon;
}

/** Gives every test of a file a fake microphone that plays golden recordings, one after the other, again and again. */
export function withMicrophone(...recordings: readonly string[]): WithMicrophone {
  let shims: Shims | null = null;
  const daemons: Daemon[] = [];
  beforeEach(() => {
    shims = createShims();
    writeMicrophoneShim(shims, Int16Array.from(recordings.flatMap((name) => [...goldenPcm(name)])));
  });
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.end();
    shims?.restore();
  });
  return {
    get shims() {
      if (shims === null) throw new Error('only within a test');
      return shims;
    },
    run(yaml, options) {
      const daemon = Daemon.run(yaml, options);
      daemons.push(daemon);
      return daemon;
    },
  };
}
