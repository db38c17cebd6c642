import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/core/events/events.js';
import { ChatFarEnd, type ChatReply, says } from '../support/chat-far-end.js';
import { catnap } from '../support/cli.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { recordingOf } from '../support/recordings.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const CANNOT = says('I cannot help with that.', 'none');
const GIFT = says('A trowel and a pair of gloves.', 'gift');

type Script = (asked: number) => ChatReply | Promise<ChatReply>;

async function served(script: Script): Promise<ChatFarEnd> {
  let asked = 0;
  const far = await ChatFarEnd.start(() => script(asked++));
  closers.push(() => far.close());
  return far;
}

/** Somebody asks what to give a sister who likes gardening, again and again; servers in the house answer. */
function asking(
  providers: readonly string[],
  rest: string,
  others: { readonly stateDir?: string } = {},
): string {
  return writeConfig(
    `
sources: [{ id: mic, kind: file, path: '${recordingOf('complex')}', realtime: true, loop: true }]
uplink:
  providers:
${providers.map((provider) => `    - { kind: chat, ${provider} }`).join('\n')}
${rest}
`,
    others.stateDir,
  );
}

function run(config: string): Daemon {
  const daemon = new Daemon(['run', '--json', config]);
  closers.push(() => daemon.end());
  return daemon;
}

const told = ({ steps = [] }: EventOf<'verdict'>) =>
  steps.map(({ provider, outcome }) => `${provider} ${outcome}`);

/** Rows of the audit, oldest first. */
function audited(config: string): readonly Record<string, string>[] {
  const { status, stdout, stderr } = catnap([
    'events',
    '--audit',
    '--json',
    '--state',
    `${dirname(config)}/state`,
  ]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('language models from cheap to dear in the Catnap that runs', () => {
  it('a specialist answers what it takes until its budget is spent, then the cheap one, and where that cannot the dear one', async () => {
    const [gardener, small, big] = [
      await served(() => GIFT),
      await served(() => CANNOT),
      await served(() => GIFT),
    ];
    const persona = `takes: { said: [gardening] }, prompts: { voice: 'You are a gardener. Reply with JSON only.' }`;
    const config = asking(
      [
        `name: small, url: '${small.url}', price: { perCall: 0.001 }`,
        `name: gardener, url: '${gardener.url}', price: { perCall: 0.01 }, ${persona}`,
        `name: big, url: '${big.url}', price: { perCall: 0.1 }`,
      ],
      `  judges: [completeness]
  budget: [{ what: calls, per: day, limit: 1, provider: gardener }]
dashboard: { port: 0 }`,
    );
    const running = run(config);
    const first = await running.event('verdict');
    expect(first).toMatchObject({ provider: 'gardener', cost: { money: 0.01 } });
    expect(gardener.requests[0]?.messages[0]?.content).toContain('You are a gardener.');
    const second = await running.event('verdict', ({ provider }) => provider === 'big');
    expect(told(second)).toEqual(['small passed-on', 'big answered']);
    expect(second.cost.money).toBeCloseTo(0.101);
    expect(small.requests[0]?.messages[0]?.content).not.toContain('gardener');
    expect(await running.metrics()).toMatch(/catnap_\w*budget\w*\{[^}]*gardener[^}]*\} 1/);
    running.kill('SIGTERM');
    await running.exit();
    const rows = audited(config);
    expect(rows.slice(0, 3).map(({ provider, outcome, judges }) => [provider, outcome, judges])).toEqual([
      ['gardener', 'answered', 'completeness:0.90'],
      ['small', 'passed-on', 'completeness:0.00'],
      ['big', 'answered', ''],
    ]);
    expect([gardener, small, big].flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('asked at once, the cheap answer is shown, nothing is done for it, and the dear one takes its place also where Catnap was killed between them', async () => {
    let answerNow = (): void => {};
    const held = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const small = await served(() => CANNOT);
    const big = await served(async (asked) => {
      if (asked === 0) await held;
      return GIFT;
    });
    const config = asking(
      [`name: small, url: '${small.url}'`, `name: big, url: '${big.url}'`],
      `  judges: [completeness]
  asksAhead: true
dashboard: { enabled: false }`,
    );
    const running = run(config);
    const shown = await running.event('answer-part');
    expect(shown.text).toBe('I cannot help with that.');
    expect(running.events.filter(({ type }) => type === 'verdict')).toEqual([]);
    running.kill('SIGKILL');
    await running.exit();
    answerNow();
    const again = run(config);
    const verdict = await again.event('verdict', ({ detection }) => detection.endsWith(shown.detection));
    expect(told(verdict)).toEqual(['small passed-on', 'big answered']);
    const verdicts = again.events.filter(
      (event) => event.type === 'verdict' && event.detection === verdict.detection,
    );
    expect(verdicts).toHaveLength(1);
  });

  it('a cheap one that never answers, or is gone, is waited for no longer than its deadline', async () => {
    const small = await served(() => null);
    const big = await served(() => GIFT);
    const config = asking(
      [`name: small, url: '${small.url}'`, `name: big, url: '${big.url}'`],
      `  judges: [completeness]
  deadlines: { replyMs: 1500 }
dashboard: { enabled: false }`,
    );
    const running = run(config);
    const verdict = await running.event('verdict');
    expect(told(verdict)).toEqual(['small failed', 'big answered']);
    await small.close();
    const later = await running.event('verdict', ({ detection }) => detection !== verdict.detection);
    expect(later.provider).toBe('big');
  });

  it('two cheap ones that say the same need no dear one', async () => {
    const [small, other, big] = [
      await served(() => GIFT),
      await served((n) => (n === 0 ? GIFT : CANNOT)),
      await served(() => GIFT),
    ];
    const config = asking(
      [
        `name: small, url: '${small.url}'`,
        `name: other, url: '${other.url}'`,
        `name: big, url: '${big.url}'`,
      ],
      `  judges: [{ kind: agreement, with: other }]
dashboard: { enabled: false }`,
    );
    const running = run(config);
    const first = await running.event('verdict');
    expect(told(first)).toEqual(['other compared', 'small answered']);
    const second = await running.event('verdict', ({ provider }) => provider === 'big');
    expect(told(second)).toEqual(['other compared', 'small passed-on', 'big answered']);
    expect(other.requests.length).toBeGreaterThanOrEqual(2);
  });
});
