import { describe, expect, it } from 'vitest';
import { freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { goldenPcm } from '../support/recordings.js';
import { createShims } from '../support/shims.js';
import { WyomingEnd } from '../support/wyoming.js';

function said(name: string): Int16Array {
  const bytes = goldenPcm(name);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2).slice();
}

describe('Catnap as a Wyoming service', () => {
  it('wakes for others, several at once, writes down what they say, and knows what it means', async () => {
    const shims = createShims();
    writeMicrophoneShim(shims, goldenPcm('settled'));
    const port = await freePort();
    const daemon = Daemon.run(`
sources: [{ id: mic, kind: microphone }]
home: { wyoming: { port: ${port}, handle: true } }
dashboard: { enabled: false }
`);
    try {
      await daemon.health('wyoming/service', 'ok');
      using one = await WyomingEnd.at(port);
      using two = await WyomingEnd.at(port);
      one.say('describe');
      const { wake, asr, handle } = (await one.hear('info')).data as Record<string, unknown[]>;
      expect([wake?.length, asr?.length, handle?.length]).toEqual([1, 1, 1]);
      one.say('detect');
      two.say('transcribe');
      one.stream(said('settled'));
      two.stream(said('settled'));
      expect((await one.hear('detection')).data).toMatchObject({ name: 'alexa', context: { catnap: {} } });
      expect((await two.hear('transcript')).data.text).toMatch(/kitchen light/i);
      two.say('transcript', { text: 'turn on the kitchen light' });
      await two.hear('handled');
      const settled = await daemon.event('settled', ({ source }) => source === 'wyoming');
      expect(settled).toMatchObject({ intent: 'light.on', slots: { room: 'kitchen' } });
      const verified = await daemon.event('verified', ({ source }) => source === 'wyoming');
      expect(verified.detection).toBe('wyoming~1/d1');
    } finally {
      await daemon.end();
      shims.restore();
    }
  });

  it('listens to a satellite as to a microphone of its own', async () => {
    const port = await freePort();
    const daemon = Daemon.run(`
sources: [{ id: hall, kind: wyoming, listen: 127.0.0.1, port: ${port} }]
dashboard: { enabled: false }
`);
    try {
      using satellite = await WyomingEnd.soonAt(port);
      await satellite.hear('run-satellite');
      satellite.stream(said('settled'), { isOver: false });
      satellite.stream(new Int16Array(48_000));
      expect(await daemon.event('settled')).toMatchObject({ source: 'hall', intent: 'light.on' });
    } finally {
      await daemon.end();
    }
  });
});
