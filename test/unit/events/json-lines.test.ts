import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createJsonLinesSink } from '../../../src/events/json-lines.js';
import { gapEvent } from '../../support/events.js';

describe('the JSON Lines sink', () => {
  it('writes one event a line, in order, and is flushed when closed', async () => {
    const stream = new PassThrough();
    const sink = createJsonLinesSink(stream);
    sink.publish(gapEvent('mic', 1));
    sink.publish(gapEvent('mic', 2));
    await sink.close();
    const lines = String(stream.read()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['mic/1', 'mic/2']);
  });

  it('drops and counts events while the reader hangs instead of filling memory', () => {
    const stuck = new Writable({ write() {} });
    const sink = createJsonLinesSink(stuck);
    const published = 60_000;
    for (let counter = 0; counter < published; counter++) sink.publish(gapEvent('mic', counter));
    expect(stuck.writableLength).toBeLessThan(5 * 1024 * 1024);
    expect(sink.dropped()).toBeGreaterThan(0);
  });

  it('survives a reader that goes away', async () => {
    const stream = new PassThrough();
    const sink = createJsonLinesSink(stream);
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => stream.once('close', resolve));
    sink.publish(gapEvent('mic', 1));
    expect(sink.dropped()).toBe(1);
    await sink.close();
  });
});
