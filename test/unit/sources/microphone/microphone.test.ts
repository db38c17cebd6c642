import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gap, SourceItem } from '../../../../src/core/signal/frame.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { Microphone, type MicrophoneOptions } from '../../../../src/sources/microphone/microphone.js';
import { createShims, isAlive, type Shims } from '../../../support/shims.js';

let shims: Shims;
beforeEach(() => {
  shims = createShims();
});
afterEach(() => shims.restore());

/** A recorder that writes 16-bit samples 0, 1, 2, ... in chunks of the given byte lengths, then lingers. */
const counting = (
  chunkBytes: readonly number[],
  then = 'setInterval(() => {}, 1000);',
  everyMs = 5,
) => `#!/usr/bin/env node
const total = ${chunkBytes.reduce((a, b) => a + b, 0)};
const pcm = Buffer.alloc(total);
for (let i = 0; i + 1 < total; i += 2) pcm.writeInt16LE((i / 2) % 32768, i);
require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));
require('node:fs').writeFileSync(__dirname + '/args', process.argv.slice(2).join(' '));
let at = 0;
const sizes = ${JSON.stringify(chunkBytes)};
const step = () => {
  const size = sizes.shift();
  if (size === undefined) { ${then}; return; }
  process.stdout.write(pcm.subarray(at, (at += size)), () => setTimeout(step, ${everyMs}));
};
step();
`;

const microphone = (options: Partial<MicrophoneOptions> = {}) =>
  new Microphone({ id: 'mic', ...systemTime, periodMs: 20, silentMs: 10_000, ...options });

interface Heard {
  readonly samples: number[];
  readonly gaps: Gap[];
  readonly error: unknown;
}

/** Listens until `enough` says so, the microphone fails, or it ends. */
async function listen(
  source: Microphone,
  enough: (samples: readonly number[]) => boolean,
  onItem: (item: SourceItem) => Promise<void> | void = () => {},
  patienceMs = 0,
): Promise<Heard> {
  const abort = new AbortController();
  const samples: number[] = [];
  const gaps: Gap[] = [];
  try {
    for await (const item of source.frames(abort.signal, () => patienceMs)) {
      if (item.kind === 'frame') for (const value of item.data) samples.push(Math.round(value * 32768));
      if (item.kind === 'gap') gaps.push(item);
      await onItem(item);
      if (enough(samples)) abort.abort();
    }
    return { samples, gaps, error: null };
  } catch (error) {
    return { samples, gaps, error };
  }
}

const recorderPid = () => Number(readFileSync(join(shims.folder, 'pid'), 'utf8'));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a microphone', () => {
  it('says that the recorder is missing instead of ending the process', async () => {
    process.env.PATH = shims.folder;
    const heard = await listen(microphone(), () => false);
    expect(heard.error).toMatchObject({ code: 'TOOL_MISSING', message: expect.stringContaining('arecord') });
  });

  it('asks for raw audio, untranslated, at its own period', async () => {
    shims.write('arecord', counting([640]));
    await listen(microphone({ device: 'plughw:1' }), (samples) => samples.length >= 320);
    const args = readFileSync(join(shims.folder, 'args'), 'utf8');
    expect(args).toBe(
      '--period-time=20000 --buffer-time=500000 -D plughw:1 -q -r 16000 -c 1 -t raw -f S16_LE -',
    );
  });

  it('puts samples together that were cut at odd bytes', async () => {
    shims.write('arecord', counting([1, 639, 3, 637, 641, 639]));
    const heard = await listen(microphone(), (samples) => samples.length >= 1280);
    expect(heard.samples).toEqual(upTo(1280));
  });

  it('keeps what came before anybody listened', async () => {
    shims.write('arecord', counting([640, 640, 640]));
    const heard = await listen(
      microphone(),
      (samples) => samples.length >= 960,
      (item) => (item.kind === 'format' ? delay(300) : undefined),
    );
    expect(heard.samples).toEqual(upTo(960));
  });

  it('leaves no recorder behind when it is stopped', async () => {
    shims.write('arecord', counting([640]));
    const heard = await listen(microphone(), (samples) => samples.length >= 320);
    expect(heard.error).toBeNull();
    expect(isAlive(recorderPid())).toBe(false);
  });

  it('leaves no recorder behind that was paused and ignores SIGTERM', async () => {
    shims.write('arecord', `${counting([640])}process.on('SIGTERM', () => {});`);
    const heard = await listen(
      microphone(),
      (samples) => samples.length >= 320,
      (item) => {
        if (item.kind === 'frame') process.kill(recorderPid(), 'SIGSTOP');
      },
    );
    expect(heard.error).toBeNull();
    expect(isAlive(recorderPid())).toBe(false);
  });

  it('leaves no recorder behind when its consumer breaks off', async () => {
    shims.write('arecord', counting([640, 640]));
    for await (const item of microphone().frames(new AbortController().signal)) {
      if (item.kind === 'frame') break;
    }
    expect(isAlive(recorderPid())).toBe(false);
  });

  it('turns an overrun into a gap where it happened', async () => {
    shims.write(
      'arecord',
      `head -c 640 /dev/zero
      sleep 0.1
      printf 'overrun!!! (at le' >&2; sleep 0.1; printf 'ast 25.000 ms long)\\n' >&2
      sleep 0.1
      head -c 640 /dev/zero
      exec sleep 20`,
    );
    const heard = await listen(microphone(), (samples) => samples.length >= 640);
    expect(heard.gaps).toEqual([
      { kind: 'gap', source: 'mic', sample: 320, lostSamples: 400, reason: 'overrun' },
    ]);
    expect(heard.samples).toHaveLength(640);
  });

  it('lets a patient listener sleep through many chunks, and loses none', async () => {
    shims.write('arecord', counting(new Array<number>(60).fill(640)));
    let wakeUps = 0;
    let lastMs = 0;
    const heard = await listen(
      microphone(),
      (samples) => samples.length >= 60 * 320,
      () => {
        if (performance.now() - lastMs > 20) wakeUps += 1;
        lastMs = performance.now();
      },
      200,
    );
    expect(heard.samples).toEqual(upTo(60 * 320));
    expect(wakeUps).toBeLessThan(15);
  });

  it('is woken once for two hops by who takes them a hop late', async () => {
    shims.write('arecord', counting(new Array<number>(50).fill(640), '', 20));
    let wakeUps = 0;
    let lastMs = 0;
    await listen(
      microphone(),
      (samples) => samples.length >= 50 * 320,
      () => {
        if (performance.now() - lastMs > 10) wakeUps += 1;
        lastMs = performance.now();
      },
      20,
    );
    expect(wakeUps).toBeLessThan(40);
  });

  it('tells when each sample could be had, also to who took it late', async () => {
    shims.write('arecord', counting(new Array<number>(40).fill(640)));
    const arrivals: number[] = [];
    await listen(
      microphone(),
      (samples) => samples.length >= 40 * 320,
      (item) => {
        if (item.kind === 'frame') arrivals.push(item.arrivedMs ?? Number.NaN);
      },
      100,
    );
    const steps = arrivals.slice(1).map((arrivedMs, i) => arrivedMs - (arrivals[i] ?? Number.NaN));
    expect(Math.max(...arrivals)).toBeLessThanOrEqual(performance.now());
    // Frames of one chunk are as far apart as they were recorded.
    expect(steps.filter((step) => Math.abs(step - 20) < 0.01).length).toBeGreaterThan(20);
  });

  it('marks an overrun behind what lay in the pipe when it happened', async () => {
    shims.write(
      'arecord',
      `head -c 640 /dev/zero
      sleep 0.3
      head -c 640 /dev/zero
      printf 'overrun!!! (at least 25.000 ms long)\\n' >&2
      sleep 0.3
      head -c 640 /dev/zero
      exec sleep 20`,
    );
    const heard = await listen(
      microphone(),
      (samples) => samples.length >= 960,
      () => {},
      1500,
    );
    expect(heard.gaps).toEqual([
      { kind: 'gap', source: 'mic', sample: 640, lostSamples: 400, reason: 'overrun' },
    ]);
    expect(heard.samples).toHaveLength(960);
  });

  it('takes what is left in the pipe at once when its recorder ends', async () => {
    shims.write('arecord', 'head -c 640 /dev/zero; sleep 0.3; head -c 640 /dev/zero; exit 1');
    const startMs = performance.now();
    const heard = await listen(
      microphone(),
      () => false,
      () => {},
      9000,
    );
    expect(heard.samples).toHaveLength(640);
    expect(heard.error).toMatchObject({ code: 'SOURCE_LOST' });
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('drops the oldest with a gap when nobody takes them', async () => {
    shims.write(
      'arecord',
      counting([3200, 3200, 3200], `require('node:fs').writeFileSync(__dirname + '/done', '')`),
    );
    const heard = await listen(
      microphone({ queueMs: 100 }),
      (samples) => samples.at(-1) === 4799,
      async (item) => {
        while (item.kind === 'format' && !existsSync(join(shims.folder, 'done'))) await delay(20);
      },
    );
    const lost = heard.gaps.reduce((sum, gap) => sum + gap.lostSamples, 0);
    expect(heard.gaps.map((gap) => gap.reason)).toEqual(['dropped']);
    expect(heard.samples).toEqual(upTo(4800).slice(lost));
  });

  it('kills a recorder that hangs', async () => {
    shims.write('arecord', 'echo $$ > "$(dirname "$0")/pid"; head -c 640 /dev/zero; exec sleep 20');
    const heard = await listen(microphone({ silentMs: 1000 }), () => false);
    expect(heard.samples).toHaveLength(320);
    expect(heard.error).toMatchObject({ code: 'SOURCE_SILENT' });
    expect(isAlive(recorderPid())).toBe(false);
  });

  it('ends a recorder that only dribbles, and names both rates', async () => {
    shims.write('arecord', counting(new Array<number>(2000).fill(12)));
    let nowMs = 0;
    const clock = { monotonicMs: () => (nowMs += 400) };
    const heard = await listen(microphone({ clock }), () => false);
    expect(heard.error).toMatchObject({
      code: 'SOURCE_RATE',
      message: expect.stringMatching(/^microphone mic: expected 16000 samples a second, found \d{1,3}$/),
    });
    expect(isAlive(recorderPid())).toBe(false);
  });

  it('ends a recorder that is too fast, and says how ALSA would convert', async () => {
    shims.write('arecord', 'exec cat /dev/zero');
    const clock = { monotonicMs: () => 20 * performance.now() };
    const heard = await listen(microphone({ clock, device: 'hw:1,0' }), () => false);
    expect(heard.error).toMatchObject({
      code: 'SOURCE_RATE',
      message: expect.stringMatching(/expected 16000 samples a second, found \d{5,}; plughw:1,0 converts/),
    });
  });

  it('ends with its recorder though a grandchild holds the pipe', async () => {
    shims.write('arecord', 'head -c 640 /dev/zero; sleep 20; exit 1');
    const heard = await listen(microphone({ silentMs: 1000 }), () => false);
    expect(heard.samples).toHaveLength(320);
    expect(heard.error).toMatchObject({ code: 'SOURCE_SILENT' });
  });

  it('tells a microphone that cannot be opened from one that is lost', async () => {
    shims.write(
      'arecord',
      'echo "arecord: main:831: audio open error: No such file or directory" >&2; exit 1',
    );
    const absent = await listen(microphone(), () => false);
    expect(absent.error).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('audio open error'),
    });
    shims.write('arecord', counting([640], 'process.exit(1)'));
    const lost = await listen(microphone(), () => false);
    expect(lost.samples).toEqual(upTo(320));
    expect(lost.error).toMatchObject({ code: 'SOURCE_LOST' });
  });

  it('takes the end of the recorder for a loss, also with exit code 0', async () => {
    shims.write('arecord', counting([640, 100], 'process.exit(0)'));
    const heard = await listen(microphone(), () => false);
    expect(heard.samples).toEqual(upTo(370));
    expect(heard.error).toMatchObject({ code: 'SOURCE_LOST' });
  });

  it('can be opened again', async () => {
    shims.write('arecord', counting([640], 'process.exit(1)'));
    const source = microphone();
    await listen(source, () => false);
    const again = await listen(source, (samples) => samples.length >= 320);
    expect(again.samples).toEqual(upTo(320));
  });

  it('mixes channels to one', async () => {
    shims.write('arecord', counting([1280]));
    const heard = await listen(microphone({ channels: 2 }), (samples) => samples.length >= 320);
    expect(heard.samples).toEqual(upTo(320).map((i) => Math.round(2 * i + 0.5)));
  });

  it('hears the channels it is told to', async () => {
    shims.write('arecord', counting([2560]));
    const one = await listen(microphone({ channels: 4, channel: 3 }), (samples) => samples.length >= 320);
    expect(one.samples).toEqual(upTo(320).map((i) => 4 * i + 3));
    const two = await listen(microphone({ channels: 4, channel: [0, 2] }), (s) => s.length >= 320);
    expect(two.samples).toEqual(upTo(320).map((i) => 4 * i + 1));
  });

  it('says of sides that cancel when they are mixed that they do', async () => {
    shims.write(
      'arecord',
      counting(new Array<number>(60).fill(3200)).replace(
        '(i / 2) % 32768',
        '(i & 2 ? -1 : 1) * ((i >> 2) % 50)',
      ),
    );
    const told: string[] = [];
    const onMix: MicrophoneOptions['onMix'] = ({ detail }) => told.push(detail);
    await listen(microphone({ channels: 2, onMix }), () => told.length > 0);
    expect(told).toEqual([expect.stringContaining('opposite phase')]);
  });

  it('reads sox where told to', async () => {
    shims.write(
      'sox',
      counting([640]).replace(
        "process.argv.slice(2).join(' ')",
        "process.argv.slice(2).join(' ') + ' @' + process.env.AUDIODEV",
      ),
    );
    const heard = await listen(microphone({ recorder: 'sox', device: 'hw:1' }), (s) => s.length >= 320);
    expect(heard.samples).toEqual(upTo(320));
    expect(readFileSync(join(shims.folder, 'args'), 'utf8')).toMatch(/^--buffer 640 .*--type raw - @hw:1$/);
    expect(existsSync(join(shims.folder, 'pid'))).toBe(true);
  });
});
