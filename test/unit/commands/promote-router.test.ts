import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { promoteRouter, rollBackRouter } from '../../../src/commands/promote-router.js';
import { loadConfig, needsNothing } from '../../../src/config/load.js';
import type { EventOf } from '../../../src/core/events/events.js';
import { type AskExample, askExampleOf, learnAsks } from '../../../src/learning/router/learn-asks.js';
import { loadAskRouter } from '../../../src/runtime/learnt-asks.js';
import { routesKept } from '../../../src/runtime/watch-shadow.js';
import { past } from '../../support/asks.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const CONFIG = `sources: [{ kind: stdin, id: kitchen }]
uplink:
  providers:
    - { kind: chat, name: small, url: 'http://127.0.0.1:11434', model: small }
    - { kind: chat, name: big, url: 'http://127.0.0.1:11435', model: big }
  judges: [completeness]
  routing: { beside: new.json }
`;

/** That a question began at the cheap provider, in vain or not, which the candidate would have passed over. */
function verdict(n: number, candidate: string, isHard: boolean): EventOf<'verdict'> {
  const steps = past(n, { isHard }).verdict?.steps ?? [];
  return {
    v: 1,
    id: `uplink/${n}`,
    measured: { wallTime: past(n, { isHard }).at, run: 'r', latencyMs: null },
    type: 'verdict',
    detection: `kitchen/${n}`,
    provider: 'big',
    label: 'x',
    text: 'x',
    steps,
    routes: { begun: 'cheap', candidate, would: 'dear', because: 'length +0.3' },
    cost: { bytesUp: 1, bytesDown: 1, tokens: 1, money: 0.1, latencyMs: 400 },
  };
}

describe('a router that is looked at', () => {
  let folder = '';
  let file = '';
  const read = () => loadConfig(file, {}, needsNothing);

  /** What the journal says of as many questions that the candidate was right or wrong about. */
  const journal = (right: number, wrong: number) => {
    const { name } = loadAskRouter(folder, 'new.json');
    const events = [...Array(right + wrong).keys()].map((n) => verdict(n, name, n < right));
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(join(folder, 'journal', '000000000000.jsonl'), text);
  };

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder, 'catnap.yaml');
    mkdirSync(join(folder, 'journal'));
    writeFileSync(file, CONFIG);
    const examples = Array.from({ length: 40 }, (_, n) => askExampleOf(past(n, { isHard: n % 2 === 0 })));
    const known = examples.filter((example): example is AskExample => example !== null);
    const { learnt } = learnAsks(known, { folds: 4, wrongTurns: 0.3 });
    writeFileSync(join(folder, 'new.json'), JSON.stringify(learnt));
  });

  it('has the say once it was right often enough, and gives it back', async () => {
    journal(10, 0);
    const { said, promotion } = await promoteRouter(file, read(), folder, false);
    expect(promotion).toMatchObject({ from: '', to: 'new.json', isRollback: false });
    expect(said).toContain('is better: of 10 questions that it would take past the cheap provider 10 were');
    expect(read().uplink.routing).toMatchObject({ learnt: 'new.json', beside: null });
    expect(readFileSync(file, 'utf8')).toMatch(/# catnap, \d{4}-\d\d-\d\d: new\.json@[0-9a-f]{8} is better/);
    expect(rollBackRouter(file, read(), folder).said).toContain('begin at the cheap provider again');
    expect(read().uplink.routing).toMatchObject({ learnt: null, beside: 'new.json' });
    expect(() => rollBackRouter(file, read(), folder)).toThrow('found none');
  });

  it('has decided nothing where there is no journal', async () => {
    rmSync(join(folder, 'journal'), { recursive: true });
    expect((await routesKept(folder)).told()).toBeNull();
    await expect(promoteRouter(file, read(), folder, false)).rejects.toThrow('decided nothing yet');
  });

  it('is promoted without evidence only by force', async () => {
    journal(3, 3);
    await expect(promoteRouter(file, read(), folder, false)).rejects.toThrow('not decided yet');
    await promoteRouter(file, read(), folder, true);
    expect(read().uplink.routing.learnt).toBe('new.json');
  });

  it('is refused where nobody could tell whether it is right', () => {
    writeFileSync(file, CONFIG.replace('judges: [completeness]', 'judges: []'));
    expect(read).toThrow('uplink.routing.beside');
  });
});
