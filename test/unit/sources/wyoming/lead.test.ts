import { describe, expect, it } from 'vitest';
import { Lead } from '../../../../src/sources/wyoming/lead.js';

/** How far ahead a stream is found after some minutes of chunks that last 64 ms and come every `periodMs`. */
function leadAfter(minutes: number, periodMs: number): number {
  const lead = new Lead();
  let found = 0;
  for (let i = 0; i < (minutes * 60_000) / periodMs; i++) found = lead.heard(64, i * periodMs);
  return found;
}

describe('how far a stream is ahead of real time', () => {
  it('is a chunk for a microphone, also where its clock is a little faster', () => {
    expect(leadAfter(600, 64)).toBe(64);
    expect(leadAfter(600, 63)).toBe(64);
  });

  it('grows where a file is sent as fast as it goes', () => {
    expect(leadAfter(1, 6.4)).toBeGreaterThan(60_000);
  });

  it('is nothing to speak of after a pause of the network, and goes down again after a burst', () => {
    const lead = new Lead();
    lead.heard(64, 0);
    expect(lead.heard(64, 5000)).toBe(64);
    for (let i = 0; i < 30; i++) lead.heard(64, 5000);
    expect(lead.heard(64, 8000)).toBe(64);
  });
});
