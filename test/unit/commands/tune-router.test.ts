import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import type { PastDetection } from '../../../src/learning/past/past-detection.js';
import { loadAskRouter } from '../../../src/runtime/learnt-asks.js';
import { past, question } from '../../support/asks.js';
import { catnap } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { upload } from '../../support/uplink.js';

/** The events of a question of the past, as the journal has them. */
function eventsOf(n: number, { at, features, transcript, verdict, source }: PastDetection): CascadeEvent[] {
  const base = { v: 1, id: `kitchen/${n}`, measured: { wallTime: at, run: 'r', latencyMs: null } } as const;
  const detection = `kitchen/${n}`;
  const steps = verdict?.steps ?? [];
  const cost = { bytesUp: 1, bytesDown: 1, tokens: 1, money: 0.1, latencyMs: 400 };
  return [
    {
      ...base,
      type: 'escalated',
      source,
      sample: n,
      atMs: n,
      detection,
      label: 'computer',
      trail: [],
      reasons: ['no-match'],
      degraded: false,
      transcript,
      features,
    },
    { ...base, type: 'verdict', detection, provider: 'big', label: 'x', text: 'x', steps, cost },
  ];
}

function folderWith(questions: number): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'journal'));
  const events = Array.from({ length: questions }, (_, n) =>
    eventsOf(n, past(n, { isHard: n % 2 === 0 })),
  ).flat();
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(folder, 'journal', '000000000000.jsonl'), lines.join(''));
  writeFileSync(
    join(folder, 'catnap.yaml'),
    'sources: [{ kind: stdin, id: kitchen }] # the one in the kitchen\n',
  );
  return folder;
}

describe('catnap tune --router', () => {
  it('learns from the journal whom to ask first, and writes it where the uplink finds it', () => {
    const folder = folderWith(160);
    const [config, router] = [join(folder, 'catnap.yaml'), join(folder, 'router.json')];
    const told = catnap(['tune', '--router', router, '--config', config, '--state', folder, '--json']);
    expect(told).toMatchObject({ status: 0, stderr: '' });
    const { questions, inVain, begunDear, wrongTurns } = JSON.parse(told.stdout);
    expect([questions, inVain]).toEqual([160, 80]);
    expect(begunDear).toBeGreaterThan(40);
    expect(wrongTurns).toBeLessThan(0.3 * begunDear);
    const written = readFileSync(config, 'utf8');
    expect(written).toContain('# the one in the kitchen');
    expect(written).toMatch(/learnt: router\.json # catnap tune, .*: from 160 questions of the journal/);
    const asked = upload({
      transcript: question(3, true),
      source: 'kitchen',
      wallTime: '2026-03-01T08:03:00Z',
    });
    const local = past(0, { isHard: true }).features;
    expect(
      loadAskRouter(folder, 'router.json').route({ ...asked.routing.features, local }, asked).begin,
    ).toBe('dear');
  }, 60_000);

  it('says what it would need where the journal tells too little', () => {
    const folder = folderWith(60);
    const told = catnap(['tune', '--router', join(folder, 'router.json'), '--state', folder]);
    expect(told).toMatchObject({
      status: 66,
      stderr: expect.stringContaining('found 60 on 6, 30 passed on'),
    });
  }, 60_000);
});
