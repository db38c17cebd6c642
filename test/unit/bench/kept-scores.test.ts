import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cascadeKey, KeptScores } from '../../../src/bench/kept-scores.js';
import * as z from '../../../src/core/zod.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const schema = z.looseObject({ seconds: z.number() });

const scored = {
  seconds: 2,
  scored: [{ label: 'alexa', tiny: 0.5, heavy: null, spent: { energyMj: 1, latencyMs: 2, money: 0 } }],
};

describe('scores that are kept', () => {
  it('spare hearing a recording again with the same cascade, also after a run that was broken off', async () => {
    const folder = temporaryFolder();
    const [file, recording] = [join(folder, 'scores.jsonl'), join(folder, 'a.wav')];
    writeFileSync(recording, 'sound');
    let heard = 0;
    const hear = async () => {
      heard += 1;
      return scored;
    };
    const key = cascadeKey({ reject: 0.1 }, { sha256: 'a' });
    await new KeptScores(file).of(key, recording, schema, hear);
    appendFileSync(file, '{"key":"half a li');
    expect(await new KeptScores(file).of(key, recording, schema, hear)).toMatchObject(scored);
    expect(heard).toBe(1);
    // Other weights, another recording of that name, and nowhere to keep them.
    await new KeptScores(file).of(cascadeKey({ reject: 0.1 }, { sha256: 'b' }), recording, schema, hear);
    writeFileSync(recording, 'other sound');
    await new KeptScores(file).of(key, recording, schema, hear);
    await new KeptScores(null).of(key, recording, schema, hear);
    expect(heard).toBe(4);
  });
});
