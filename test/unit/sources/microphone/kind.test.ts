import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from '../../../../src/core/zod.js';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { microphone } from '../../../../src/sources/microphone/kind.js';
import { createShims, type Shims } from '../../../support/shims.js';

/** Writes down what it is asked for, then gives a second of any format that is asked for here. */
const ASKED = `echo "AUDIODEV=$AUDIODEV LC_ALL=$LC_ALL $*" >> "$(dirname "$0")/asked"
head -c 400000 /dev/zero
exec sleep 20`;

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
    const { source } = await microphone.open(config, { ...edges, onChannels: () => {} });
    for await (const item of source.frames(new AbortController().signal)) if (item.kind === 'frame') break;
    expect(await microphone.check(config, edges)).toMatchObject({ level: 'ok' });

    const [listening, checking, ...others] = asked();
    expect(listening).toContain('hw:1,0');
    expect(checking).toBe(listening);
    expect(others).toEqual([]);
  });
});
