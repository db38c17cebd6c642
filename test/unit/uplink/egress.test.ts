import diagnostics from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/egress/redact.js';
import { Emulator } from '../../../src/emulator/emulator.js';
import { uplinkSchema } from '../../../src/runtime/config.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { createUplinkWayOut } from '../../../src/uplink/egress.js';
import type { PlainEvent } from '../../../src/uplink/providers/plain/protocol.js';
import { partsOf } from '../../../src/uplink/queue/upload.js';
import { actionRequest, actionRunner } from '../../support/actions.js';
import { root } from '../../support/tools.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

const clip = { rateHz: 16_000, startSample: 0, pcm: new Int16Array(160) };
const config = (egress: object = {}) => uplinkSchema.parse({ egress }).egress;

describe('way out of the uplink', () => {
  it('lets no audio out unless a rule says so', () => {
    const asked = escalation({ clip });
    const byDefault = createUplinkWayOut(config(), false).admit(asked);
    expect(byDefault.kind === 'admitted' && partsOf(byDefault.upload)).toEqual([
      'label',
      'features',
      'transcript',
    ]);
    const rules = [{ name: 'audio', allow: ['audio'] }];
    const byRule = createUplinkWayOut(config({ rules }), false).admit(asked);
    expect(byRule.kind === 'admitted' && partsOf(byRule.upload)).toEqual(['audio']);
  });

  it('keeps on the device what no rule names', () => {
    const rules = [{ name: 'kitchen', sources: ['kitchen-*'], allow: ['transcript'] }];
    const wayOut = createUplinkWayOut(config({ rules }), false);
    expect(wayOut.admit(escalation({ source: 'bedroom' })).kind).toBe('denied');
    expect(wayOut.admit(escalation({ source: 'kitchen-mic' })).kind).toBe('admitted');
  });

  it('applies the rules of today to what was stored under those of yesterday', () => {
    const yesterday = createUplinkWayOut(
      config({ rules: [{ name: 'all', allow: ['label', 'audio'] }] }),
      false,
    );
    const today = createUplinkWayOut(config({ rules: [{ name: 'all', allow: ['label'] }] }), false);
    const admitted = yesterday.admit(escalation({ clip }));
    if (admitted.kind !== 'admitted') throw new Error('denied');
    const reviewed = today.review(admitted.upload);
    expect(reviewed === null ? [] : partsOf(reviewed)).toEqual(['label']);
  });

  it('sends over the wire exactly what the rule names', async () => {
    const seen: PlainEvent[] = [];
    const emulator = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      onEvent: (event) => seen.push(event),
    });
    const published = new Published();
    const egress = { rules: [{ name: 'words', allow: ['transcript'] }], redact: { names: ['Ada'] } };
    const uplink = await uplinkTo(emulator.url, published, { egress });
    await uplink.offer(escalation({ transcript: 'tell ada my mail is a.b@example.org', clip }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(seen[0]).toMatchObject({
      transcript: 'tell [name] my mail is [email]',
      label: null,
      reasons: null,
      trail: null,
      summary: null,
      clip: null,
    });
    await uplink.close(0);
    await emulator.close();
  });

  it('opens no socket when offline, whatever is asked of it', async () => {
    const opened: unknown[] = [];
    const count = (socket: unknown) => opened.push(socket);
    diagnostics.subscribe('net.client.socket', count);
    try {
      const emulator = await Emulator.start(systemTimer);
      const published = new Published();
      const uplink = await uplinkTo(emulator.url, published, { offline: true });
      uplink.prepare();
      await uplink.offer(escalation());
      const wayOut = createUplinkWayOut(config(), true);
      const runner = actionRunner({ mqttUrl: `mqtt://127.0.0.1:${emulator.port}` }, { wayOut });
      const url = `http://127.0.0.1:${emulator.port}/`;
      const webhook = await runner.run(actionRequest({ kind: 'webhook', url, headers: {}, body: null }));
      const mqtt = await runner.run(actionRequest({ kind: 'mqtt', topic: 't', payload: '', retain: false }));
      expect([webhook.outcome, mqtt.outcome]).toEqual(['failed', 'failed']);
      await uplink.close(0);
      expect(opened).toEqual([]);
      // The counter does count: online, the same uplink opens one.
      const online = await uplinkTo(emulator.url, published, {});
      await online.offer(escalation());
      await published.until((all) => all.of('answer-part').length > 0);
      expect(opened.length).toBeGreaterThan(0);
      await online.close(0);
      await emulator.close();
    } finally {
      diagnostics.unsubscribe('net.client.socket', count);
    }
  });

  it('is the only way out: nothing in Catnap touches the network without it', () => {
    /** What reaches no further than this machine; each refuses any other address. */
    const local = ['engines/speech-server.ts', 'engines/edge-impulse/eim-process.ts'];
    const network =
      /new WebSocket\(|\bfetch\(|connectAsync\(|socket\.send\(|https?\.request\(|createConnection\(|createSocket\(|node:tls/;
    const found: string[] = [];
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    // The page of the dashboard runs in a browser; what serves it only answers.
    const sources = files.filter((file) => /\.c?ts$/.test(file) && !/^dashboard/.test(file));
    for (const name of sources.filter((file) => !local.includes(file))) {
      const text = readFileSync(join(root, 'src', name), 'utf8');
      // Under another name the call itself cannot be told by a pattern.
      const asks = /import \{[^}]*\brequest\b[^}]*\} from 'node:https?'/.test(text);
      if (asks && !/\bwayOut\.leave\(/.test(text)) found.push(`${name}: request of node:http`);
      const lines = text.split('\n');
      lines.forEach((line, index) => {
        const before = lines.slice(Math.max(0, index - 2), index + 1).join('\n');
        // A connection opens its socket by these two, within `leave`.
        const isOpener = /function newSocket\(|const wsSocket\b/.test(before);
        if (network.test(line) && !isOpener && !/\bwayOut\.leave\(/.test(before))
          found.push(`${name}: ${line.trim()}`);
      });
    }
    expect(found).toEqual([]);
  });
});

describe('redaction', () => {
  const redact = createRedactor({ ...config().redact, names: ['Zoë', 'Anna Maria', 'Anna'] });

  it.each([
    ['call zoë now', 'call [name] now', 1],
    ['zoëtrope stays', 'zoëtrope stays', 0],
    ['anna  maria and Anna', '[name] and [name]', 2],
    ['my number is 0171 234 56 78 thanks', 'my number is [number] thanks', 1],
    ['pay DE89 3704 0044 0532 0130 00', 'pay [iban]', 1],
    ['wake me at 7 30 please', 'wake me at 7 30 please', 0],
  ])('of "%s"', (said, left, count) => {
    expect(redact(said)).toEqual({ text: left, count });
  });
});
