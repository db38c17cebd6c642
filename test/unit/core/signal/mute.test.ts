import { describe, expect, it } from 'vitest';
import type { Frame, SourceItem } from '../../../../src/core/signal/frame.js';
import { Mute } from '../../../../src/core/signal/mute.js';

const HOP = 4;

function frame(sample: number): Frame {
  return { kind: 'frame', source: 'hall', sample, rateHz: 4, channels: 1, data: new Float32Array(HOP) };
}

/** What is heard of items while it is muted from the `on`th on and no more from the `off`th on. */
function heard(items: readonly SourceItem[], on: number, off: number): SourceItem[] {
  let at = 0;
  const mute = new Mute(() => at >= on && at < off);
  return items.flatMap((item) => {
    const gap = mute.gapBefore(item);
    const rest = mute.lets(item) ? [item] : [];
    at += 1;
    return gap === null ? rest : [gap, ...rest];
  });
}

describe('what is muted', () => {
  it('is left out between two gaps: where it begins, and how much it was', () => {
    const frames = [0, 4, 8, 12, 16].map(frame);
    expect(heard(frames, 1, 4)).toEqual([
      frames[0],
      { kind: 'gap', source: 'hall', sample: 4, lostSamples: 0, reason: 'muted' },
      { kind: 'gap', source: 'hall', sample: 4, lostSamples: 12, reason: 'muted' },
      frames[4],
    ]);
  });

  it('still says what the signal is, and not what it lost besides', () => {
    const format: SourceItem = { kind: 'format', source: 'hall', rateHz: 8, channels: [] };
    const lost: SourceItem = { kind: 'gap', source: 'hall', sample: 4, lostSamples: 4, reason: 'lost' };
    const items = [frame(0), lost, format, frame(8)];
    expect(heard(items, 0, 3)).toEqual([
      { kind: 'gap', source: 'hall', sample: 0, lostSamples: 0, reason: 'muted' },
      format,
      { kind: 'gap', source: 'hall', sample: 0, lostSamples: 8, reason: 'muted' },
      frame(8),
    ]);
  });

  it('is heard from its new beginning where the source began anew meanwhile', () => {
    const [, second] = heard([frame(40), frame(44), frame(0)], 0, 2);
    expect(second).toMatchObject({ reason: 'muted', sample: 40, lostSamples: 0 });
  });
});
