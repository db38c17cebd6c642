import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon } from '../support/daemon.js';
import { order, writeMicrophoneShim } from '../support/microphone-shim.js';
import { descendants } from '../support/processes.js';
import { goldenPcm } from '../support/recordings.js';
import { createShims, type Shims } from '../support/shims.js';

const MICROPHONE = `
sources: [{ id: mic, kind: microphone }]
dashboard: { enabled: false }
`;

let shims: Shims;
let daemon: Daemon | null = null;
beforeEach(() => {
  shims = createShims();
});
afterEach(async () => {
  await daemon?.end();
  shims.restore();
});

describe('faults of a microphone', () => {
  it('row 1: absent at boot, starts deaf and hears as soon as it is there', async () => {
    shims.write('arecord', 'echo "audio open error: No such device" >&2; exit 1');
    daemon = Daemon.run(MICROPHONE);
    await daemon.health('mic/source', 'down');
    writeMicrophoneShim(shims, goldenPcm('settled'));
    await daemon.health('mic/source', 'ok');
    await daemon.event('verified');
    expect(daemon.transitions('mic/source')).toEqual(['down', 'ok']);
  });

  it('row 1: no recorder installed is the same, and says what to install', async () => {
    daemon = Daemon.run(MICROPHONE, { env: { PATH: shims.folder } });
    const down = await daemon.health('mic/source', 'down');
    expect(down).toMatchObject({ code: 'TOOL_MISSING', detail: expect.stringContaining('arecord') });
  });

  it('row 2: unplugged, stages reset, opened again', async () => {
    writeMicrophoneShim(shims, goldenPcm('settled'));
    daemon = Daemon.run(MICROPHONE);
    const verified = await daemon.event('verified');
    order(shims, 'exit');
    expect(await daemon.health('mic/source', 'down')).toMatchObject({ code: 'SOURCE_LOST' });
    const utterance = await daemon.event('utterance');
    expect(utterance).toMatchObject({ detection: verified.detection, outcome: 'gap' });
    order(shims, 'run');
    await daemon.health('mic/source', 'ok');
    const gap = await daemon.event('gap', ({ lostSamples }) => lostSamples > 0);
    expect(gap.reason).toBe('lost');
    const again = await daemon.event('verified', ({ id }) => id !== verified.id);
    expect(again.sample).toBeGreaterThan(gap.sample + gap.lostSamples);
    expect(daemon.transitions('mic/source')).toEqual(['down', 'ok']);
  });

  it('row 3: an overrun is a gap, and no detection spans it', async () => {
    writeMicrophoneShim(shims, goldenPcm('settled'));
    daemon = Daemon.run(MICROPHONE);
    const verified = await daemon.event('verified');
    order(shims, 'overrun');
    const gap = await daemon.event('gap');
    expect(gap).toMatchObject({ reason: 'overrun', lostSamples: 8000 });
    const utterance = await daemon.event('utterance');
    expect(utterance).toMatchObject({ detection: verified.detection, outcome: 'gap' });
    expect(utterance.endSample).toBeLessThanOrEqual(gap.sample);
    expect(daemon.transitions('mic/source')).toEqual([]);
  });

  it('row 4: hung, its recorder is killed and started again', async () => {
    writeMicrophoneShim(shims, goldenPcm('settled'));
    daemon = Daemon.run(MICROPHONE);
    await daemon.event('noticed');
    const hung = descendants(daemon.child.pid ?? 0, 'arecord');
    order(shims, 'hang');
    expect(await daemon.health('mic/source', 'down')).toMatchObject({ code: 'SOURCE_SILENT' });
    order(shims, 'run');
    await daemon.health('mic/source', 'ok');
    const now = descendants(daemon.child.pid ?? 0, 'arecord');
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(hung);
  });

  it('row 5: a minute of all-zero or clipped audio is degraded, and goes on', async () => {
    const CONSTANT = `#!/usr/bin/env node
      const chunk = Buffer.alloc(3200);
      for (let i = 0; i < chunk.length; i += 2) chunk.writeInt16LE(Number(process.env.SAMPLE), i);
      const startMs = performance.now();
      let chunks = 0;
      setInterval(() => {
        for (; chunks * 100 < performance.now() - startMs; chunks++) process.stdout.write(chunk);
      }, 20);`;
    shims.write('arecord', CONSTANT);
    daemon = Daemon.run(MICROPHONE, { env: { SAMPLE: '0' } });
    const clipped = Daemon.run(MICROPHONE, { env: { SAMPLE: '32767' } });
    try {
      for (const [of, fault] of [
        [daemon, 'all-zero'],
        [clipped, 'clipped'],
      ] as const) {
        const degraded = await of.health('mic/source', 'degraded');
        expect(degraded).toMatchObject({ code: 'SOURCE_SILENT', detail: expect.stringContaining(fault) });
        expect(of.transitions('mic/source')).toEqual(['degraded']);
      }
    } finally {
      await clipped.end();
    }
  });
});
