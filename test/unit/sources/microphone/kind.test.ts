import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from '../../../../src/core/zod.js';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { microphone } from '../../../../src/sources/microphone/kind.js';
import { createShims, type Shims } from '../../../support/shims.js';

/** Writes down what it is asked for, then gives noise as it was asked for, too soft to hum by chance. */
const ASKED = `#!/usr/bin/env node
const { randomBytes } = require('node:crypto');
const { appendFileSync } = require('node:fs');
const { AUDIODEV, LC_ALL } = process.env;
const asked = process.argv.slice(2);
appendFileSync(__dirname + '/asked', \`AUDIODEV=\${AUDIODEV} LC_ALL=\${LC_ALL} \${asked.join(' ')}\\n\`);
const after = (...flags) => Number(asked[asked.findIndex((word) => flags.includes(word)) + 1]);
const frameBytes = 2 * after('-c', '--channels');
const startMs = performance.now();
let sent = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) / 1000) * after('-r', '--rate'));
  const noise = randomBytes((due - sent) * frameBytes);
  for (let at = 1; at < noise.length; at += 2) noise[at] = (noise[at] & 7) - 4;
  process.stdout.write(noise);
  sent = due;
}, 40);
`;

let shims: Shims;
beforeEach(() => {
  shims = createShims();
});
afterEach(() => shims.restore());

const asked = (): readonly string[] =>
  readFileSync(join(shims.folder, 'asked'), 'utf8').trimEnd().split('\n');

describe('a microphone of a configuration', () => {
  it.each([
    { recorder: 'arecord', rateHz: 48_000, channels: 2, periodMs: 40 },
    { recorder: 'arecord' },
    { recorder: 'sox', rateHz: 48_000, channels: 2, periodMs: 40 },
    { recorder: 'sox' },
  ])('is checked with what it is listened to with: %j', async (settings) => {
    shims.write(settings.recorder, ASKED);
    const config = microphone
      .schema(z)
      .parse({ id: 'kitchen', kind: 'microphone', device: 'hw:1,0', ...settings });
    const edges = { folder: '.', ...systemTime, wayOut: createWayOut(true) };
    const { source } = await microphone.open(config, { ...edges, onHealth: () => () => {} });
    for await (const item of source.frames(new AbortController().signal)) if (item.kind === 'frame') break;
    expect(await microphone.check(config, edges)).toMatchObject([{ level: 'ok' }]);

    const [listening, checking, ...others] = asked();
    expect(listening).toContain('hw:1,0');
    expect(checking).toBe(listening);
    expect(others).toEqual([]);
  });
});
