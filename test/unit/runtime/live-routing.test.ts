import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AskExample, askExampleOf, learnAsks } from '../../../src/learning/router/learn-asks.js';
import { uplinkSchema } from '../../../src/runtime/config.js';
import { LiveRouting } from '../../../src/runtime/live-routing.js';
import { past, question } from '../../support/asks.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { upload } from '../../support/uplink.js';

const UPLINK = uplinkSchema.parse({
  providers: [{ kind: 'plain', name: 'cloud', url: 'ws://far.example' }],
});
const HARD = upload({
  source: 'kitchen',
  wallTime: '2026-02-01T08:03:00.000Z',
  transcript: question(7, true),
});

describe('where questions go in a running Catnap', () => {
  let folder = '';
  const begun = (routing: LiveRouting) => {
    const local = { tiny: 0.75, heavy: 0.9, utteranceMs: 2_250, unknownWords: 2 };
    return routing.route({ ...HARD.routing.features, local }, HARD).asks;
  };

  beforeAll(() => {
    folder = temporaryFolder();
    const examples = Array.from({ length: 200 }, (_, n) => askExampleOf(past(n, { isHard: n % 2 === 0 })));
    const known = examples.filter((example): example is AskExample => example !== null);
    const { learnt } = learnAsks(known, { folds: 5, wrongTurns: 0.2 });
    writeFileSync(join(folder, 'router.json'), JSON.stringify(learnt));
  });

  it('goes by the router that is configured now, and back by none', () => {
    const routing = new LiveRouting(UPLINK, folder);
    expect(begun(routing)).toMatchObject({ begin: 'cheap' });
    expect(routing.follow({ learnt: 'router.json', beside: null })).toBe(
      'questions begin where router.json says',
    );
    expect(begun(routing)).toMatchObject({ begin: 'dear' });
    expect(routing.follow({ learnt: null, beside: null })).toBe('questions begin at the cheap provider');
    expect(begun(routing)).toMatchObject({ begin: 'cheap' });
  });

  it('looks at a candidate that decides nothing', () => {
    const routing = new LiveRouting(UPLINK, folder);
    expect(routing.follow({ learnt: null, beside: 'router.json' })).toContain('router.json is looked at');
    expect(begun(routing)).toMatchObject({ begin: 'cheap', beside: { begin: 'dear' } });
  });

  it('says nothing where nothing has changed', () => {
    const routing = new LiveRouting(UPLINK, folder);
    expect(routing.follow({ learnt: null, beside: null })).toBeNull();
  });

  it('stays with what it had where the new one cannot be read', () => {
    const routing = new LiveRouting(UPLINK, folder);
    routing.follow({ learnt: 'router.json', beside: null });
    expect(() => routing.follow({ learnt: 'none.json', beside: null })).toThrow('expected a readable file');
    expect(begun(routing)).toMatchObject({ begin: 'dear' });
  });
});
