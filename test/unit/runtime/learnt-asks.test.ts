import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AskExample, askExampleOf, learnAsks } from '../../../src/learning/router/learn-asks.js';
import { loadAskRouter } from '../../../src/runtime/learnt-asks.js';
import { past, question } from '../../support/asks.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { upload } from '../../support/uplink.js';

const SITUATION = {
  source: 'kitchen',
  wallTime: '2026-02-01T08:03:00.000Z',
} as const;
const LOCAL = { tiny: 0.75, heavy: 0.9, utteranceMs: 2_250, unknownWords: 2 };

describe('a router that was learnt', () => {
  let folder = '';

  beforeAll(() => {
    folder = temporaryFolder();
    const examples = Array.from({ length: 200 }, (_, n) => askExampleOf(past(n, { isHard: n % 2 === 0 })));
    const known = examples.filter((example): example is AskExample => example !== null);
    const { learnt } = learnAsks(known, { folds: 5, wrongTurns: 0.2 });
    writeFileSync(join(folder, 'router.json'), JSON.stringify(learnt));
  });

  const ask = (transcript: string, local: Record<string, number> = LOCAL) => {
    const asked = upload({ ...SITUATION, transcript });
    return loadAskRouter(folder, 'router.json').route({ ...asked.routing.features, local }, asked);
  };

  it('begins at the dear provider what needs it, and says by which figures', () => {
    expect(ask(question(7, true))).toMatchObject({
      begin: 'dear',
      because: expect.stringMatching(/^[\w ]+ \+?-?\d\.\d\d, /),
    });
    expect(ask(question(7, false))).toMatchObject({ begin: 'cheap' });
  });

  it.each([
    ['another language', 'なぜ電気代は去年より高いのですか', LOCAL],
    ['no words at all', '', LOCAL],
    ['an order of an hour', question(7, true), { ...LOCAL, utteranceMs: 1e30, unknownWords: 1e30 }],
    ['a page of code', `${'{"a":[1,2]},\n'.repeat(400)} explain why`, LOCAL],
  ])('leaves %s to the rules, for it is unlike all that it learnt from', (_what, transcript, local) => {
    expect(ask(transcript, local)).toEqual({ begin: 'cheap', because: 'unlike what was learnt from' });
  });

  it('is refused with its name where it is not there, is another file, or of other figures', () => {
    writeFileSync(join(folder, 'other.json'), '{"version":2}');
    expect(() => loadAskRouter(folder, 'other.json')).toThrow(
      /other\.json: expected what catnap tune --router/,
    );
    expect(() => loadAskRouter(folder, 'none.json')).toThrow(/expected a readable file, found none/);
  });
});
