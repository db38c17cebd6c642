import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { broker, configuredBroker, freePort } from '../support/broker.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { House } from '../support/home.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { goldenPcm, recordingOf } from '../support/recordings.js';
import { createShims } from '../support/shims.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { homeAssistantPython, requireTool, root } from '../support/tools.js';

const python = homeAssistantPython("Home Assistant's own schemas");

const listening = (url: string, more = '', rules = '') => `
name: Küche 1
sources: [{ id: mic, kind: microphone }]
home: { mqtt: { url: '${url}', everyMs: 1000${more} } }
uplink: { egress: { ${rules} } }
dashboard: { enabled: false }
`;

const WAKE = 'catnap/kuche_1/source/mic/wake';
const STATE = 'catnap/kuche_1/source/mic/state';
const STATUS = 'catnap/kuche_1/status';
const TRANSCRIPT = 'catnap/kuche_1/source/mic/transcript';
const CONFIG = 'homeassistant/device/catnap_kuche_1/config';

function speakingMicrophone(): { restore(): void } {
  const shims = createShims();
  writeMicrophoneShim(shims, goldenPcm('settled'));
  return shims;
}

describe.runIf(requireTool('the house at an MQTT broker', 'mosquitto'))('the house at a broker', () => {
  it('is told what there is, what is heard and understood, and may mute; a killed Catnap is away', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    client.end(true);
    await using house = await House.at(`mqtt://127.0.0.1:${port}`);
    const microphone = speakingMicrophone();
    const daemon = Daemon.run(listening(`mqtt://127.0.0.1:${port}`, ', transcripts: true'));
    try {
      expect(await house.last(CONFIG)).toMatchObject({
        dev: { ids: ['catnap_kuche_1'], name: 'Küche 1' },
        o: { name: 'Catnap' },
        avty_t: STATUS,
        cmps: { mic_wake: { p: 'event', state_topic: WAKE }, mic_mute: { p: 'switch' } },
      });
      expect(await house.last(STATUS)).toBe('online');
      expect(await house.last(WAKE)).toMatchObject({
        event_type: 'alexa',
        source: 'mic',
        confidence: expect.any(Number),
      });
      expect(await house.last('catnap/kuche_1/intent')).toMatchObject({
        event_type: 'light.on',
        slots: { room: 'kitchen' },
      });
      expect(await house.last(TRANSCRIPT)).toMatchObject({ transcript: expect.stringMatching(/kitchen/) });

      await house.client.publishAsync('catnap/kuche_1/set/mute/mic', 'ON');
      const command = await daemon.event('command');
      expect(command).toMatchObject({ command: 'mute', source: 'mic', by: `MQTT (127.0.0.1:${port})` });
      await house.until(STATE, expect.objectContaining({ mute: 'ON', hearing: 'OFF' }));
      await house.client.publishAsync('catnap/kuche_1/set/mute/mic', 'OFF');
      await house.until(STATE, expect.objectContaining({ mute: 'OFF', hearing: 'ON' }));

      await house.client.publishAsync('catnap/kuche_1/set/heavy_accept/mic', '0.97');
      await house.until(STATE, expect.objectContaining({ heavy_accept: 0.97 }));
      await house.client.publishAsync('catnap/kuche_1/set/heavy_accept/mic', '1.5');
      expect(await daemon.event('command', ({ outcome }) => outcome === 'refused')).toMatchObject({
        command: 'threshold',
        source: 'mic',
        detail: 'catnap/kuche_1/set/heavy_accept/mic: expected a number from 0 to 1, found "1.5"',
      });
      await house.client.publishAsync('catnap/kuche_1/set/mute/mic', 'ON'.repeat(100_000));
      const long = await daemon.event('command', ({ detail }) => detail.includes('expected ON or OFF'));
      expect(long.detail).toBe(`catnap/kuche_1/set/mute/mic: expected ON or OFF, found "${'ON'.repeat(20)}"`);

      const before = house.count(CONFIG);
      await house.client.publishAsync('homeassistant/status', 'online');
      await expect.poll(() => house.count(CONFIG)).toBe(before + 1);

      daemon.kill('SIGKILL');
      await house.until(STATUS, 'offline');
    } finally {
      await daemon.end();
      microphone.restore();
    }
  });

  it('is told nothing that the rules keep here, no transcript unasked, and does not hear an old wish', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await client.publishAsync('catnap/kuche_1/set/mute/mic', 'ON', { retain: true });
    client.end(true);
    await using house = await House.at(`mqtt://127.0.0.1:${port}`);
    const microphone = speakingMicrophone();
    const rules = 'rules: [{ name: none, allow: [] }]';
    const daemon = Daemon.run(listening(`mqtt://127.0.0.1:${port}`, ', transcripts: true', rules));
    try {
      await daemon.event('settled');
      const last = house.count(STATE);
      await expect.poll(() => house.count(STATE), { timeout: 20_000 }).toBeGreaterThan(last);
      expect([WAKE, TRANSCRIPT, 'catnap/kuche_1/intent'].map((topic) => house.count(topic))).toEqual([
        0, 0, 0,
      ]);
      expect(await house.last(STATE)).toMatchObject({ mute: 'OFF' });
    } finally {
      await daemon.end();
      microphone.restore();
    }
  });

  it('is reached with a user, by TLS and with a certificate of one’s own, and never otherwise', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...key, '-subj', '/CN=house', '-keyout', 'ca.key', '-out', 'ca.pem');
    writeFileSync(`${folder}/names`, 'subjectAltName=IP:127.0.0.1');
    for (const name of ['broker', 'catnap']) {
      openssl(
        'req',
        '-new',
        ...key.slice(0, 3),
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${name}.key`,
        '-out',
        'csr',
      );
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
      openssl('x509', '-req', '-in', 'csr', ...signed, '-extfile', 'names', '-out', `${name}.pem`);
    }
    writeFileSync(`${folder}/users`, '');
    execFileSync('mosquitto_passwd', ['-b', `${folder}/users`, 'cat', 'p@ss'], { stdio: 'ignore' });
    await using _process = await configuredBroker(folder, port, [
      `listener ${port} 127.0.0.1`,
      ...[`cafile ${folder}/ca.pem`, `certfile ${folder}/broker.pem`, `keyfile ${folder}/broker.key`],
      'require_certificate true',
      'allow_anonymous false',
      `password_file ${folder}/users`,
      'user root',
    ]);
    const url = `mqtts://127.0.0.1:${port}`;
    const files = (name: string) => `, caFile: ${folder}/ca.pem, certFile: ${folder}/${name}.pem`;
    const whole = `${files('catnap')}, keyFile: ${folder}/catnap.key, username: cat, password: 'p@ss'`;
    const daemon = Daemon.run(listening(url, whole));
    const refused = Daemon.run(listening(url, `, caFile: ${folder}/ca.pem, username: cat, password: 'p@ss'`));
    try {
      expect(await daemon.health('home/mqtt', 'ok')).toMatchObject({ detail: `127.0.0.1:${port} is there` });
      expect(await refused.health('home/mqtt', 'degraded')).toMatchObject({ code: 'HOME_AWAY' });
    } finally {
      await daemon.end();
      await refused.end();
    }
  });

  it('row 28: hears of what happened while its broker was away, and finds everything again', async () => {
    const port = await freePort();
    const microphone = speakingMicrophone();
    const daemon = Daemon.run(listening(`mqtt://127.0.0.1:${port}`));
    try {
      await daemon.health('home/mqtt', 'degraded');
      await daemon.event('settled');
      const first = await broker(port);
      await using house = await House.at(`mqtt://127.0.0.1:${port}`);
      first.client.end(true);
      expect(await house.last(WAKE)).toMatchObject({ event_type: 'alexa' });
      await house[Symbol.asyncDispose]();
      await first.process[Symbol.asyncDispose]();
      // A broker that keeps nothing on a disk has forgotten all.
      const second = await broker(port);
      await using _second = second.process;
      second.client.end(true);
      await using again = await House.at(`mqtt://127.0.0.1:${port}`);
      expect(await again.last(CONFIG)).toMatchObject({ avty_t: STATUS });
      expect(await again.last(STATUS)).toBe('online');
      expect(daemon.transitions('home/mqtt')).toEqual(['degraded', 'ok', 'degraded', 'ok']);
    } finally {
      await daemon.end();
      microphone.restore();
    }
  });

  it('is told of the words that a source listens for now', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    client.end(true);
    await using house = await House.at(`mqtt://127.0.0.1:${port}`);
    const recording = `{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }`;
    const sources = listening(`mqtt://127.0.0.1:${port}`).replace('{ id: mic, kind: microphone }', recording);
    const path = writeConfig(`${sources}cascades: { voice: { kind: voice, tiny: { words: [alexa] } } }\n`);
    const daemon = new Daemon(['run', '--json', path]);
    const wake = (...event_types: string[]) =>
      expect.objectContaining({
        cmps: expect.objectContaining({ mic_wake: expect.objectContaining({ event_types }) }),
      });
    try {
      await house.until(CONFIG, wake('alexa'));
      await daemon.until(() => daemon.stderr.includes('catnap listens'), 'does not listen');
      writeFileSync(path, readFileSync(path, 'utf8').replace('[alexa]', '[alexa, computer]'));
      await house.until(CONFIG, wake('alexa', 'computer'));
    } finally {
      await daemon.end();
    }
  });

  // Not among the tests where nobody named such a Python: no package of a system brings it.
  if (python !== null)
    it('is described as its own schemas want it', async () => {
      const port = await freePort();
      const { process, client } = await broker(port);
      await using _process = process;
      client.end(true);
      await using house = await House.at(`mqtt://127.0.0.1:${port}`);
      const daemon = Daemon.run(listening(`mqtt://127.0.0.1:${port}`, ', transcripts: true'));
      try {
        const input = JSON.stringify(await house.last(CONFIG));
        const script = join(root, 'test/support/home-assistant.py');
        const told = JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8' }));
        expect(told).toEqual({ components: expect.any(Number), wrong: {} });
      } finally {
        await daemon.end();
      }
    });

  it('is told nothing when offline, and health says so', async () => {
    const yaml = `${listening('mqtt://127.0.0.1:1')}`.replace('egress: {  }', 'offline: true');
    const daemon = Daemon.run(yaml);
    try {
      expect(await daemon.health('home/mqtt', 'down')).toMatchObject({ code: 'EGRESS_DENIED' });
    } finally {
      await daemon.end();
    }
  });
});
