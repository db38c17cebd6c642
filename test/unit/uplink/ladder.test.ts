import { cpSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { cascadeEventSchema } from '../../../src/core/events/event-schema.js';
import { RouteComparison } from '../../../src/learning/shadow/route-comparison.js';
import type { UplinkDeps } from '../../../src/uplink/uplink.js';
import { ChatFarEnd, type ChatReply, says } from '../../support/chat-far-end.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { auditOf, escalation, Published, uplinkTo } from '../../support/uplink.js';

type Script = (asked: number) => ChatReply | Promise<ChatReply>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const DONT_KNOW = says('I do not know what the weather is like.', 'none');
const RAIN = says('Rain is expected in the afternoon.');
const PRICE = { small: 0.001, big: 0.1 };

/** Two servers in the house, the second dearer; an answer of the first has to be complete. */
async function start(
  scripts: { readonly small: Script; readonly big: Script },
  config: object = {},
  deps: Partial<UplinkDeps> = {},
) {
  const [small, big] = [await served(scripts.small), await served(scripts.big)];
  const published = new Published();
  const stateDir = temporaryFolder();
  const providers = [chat('small', small, PRICE.small), chat('big', big, PRICE.big)];
  const done: string[] = [];
  const uplink = await uplinkTo(
    small.url,
    published,
    { providers, judges: ['completeness'], ...config },
    {
      stateDir,
      ...deps,
      actions: {
        async run({ name, detection }) {
          done.push(name);
          return { detection, action: name, outcome: 'done', detail: '' };
        },
      },
    },
  );
  closers.push(() => uplink.close(0));
  const ended = (count = 1) =>
    published.until((all) => all.of('verdict').length + all.of('undelivered').length === count);
  const audit = async () => {
    await uplink.close(1_000);
    for (const event of published.events) cascadeEventSchema.parse(event);
    expect([...small.violations, ...big.violations]).toEqual([]);
    return auditOf(stateDir);
  };
  return { small, big, published, uplink, done, ended, audit, stateDir, providers };
}

function chat(name: string, { url }: ChatFarEnd, perCall: number) {
  return { kind: 'chat', name, url, price: { perCall } };
}

async function served(script: Script): Promise<ChatFarEnd> {
  let asked = 0;
  const far = await ChatFarEnd.start(() => script(asked++));
  closers.push(() => far.close());
  return far;
}

/** Something that is said when it is let go. */
function held(reply: ChatReply) {
  let release: () => void = () => {};
  let tell: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const script = () => {
    tell();
    return gate.then(() => reply);
  };
  return { script, release, asked };
}

describe('providers from cheap to dear', () => {
  it('asks the dear one nothing where the cheap one answers well', async () => {
    const { big, published, uplink, ended, audit } = await start({ small: () => RAIN, big: () => RAIN });
    await uplink.offer(escalation());
    await ended();
    expect(big.requests).toEqual([]);
    expect(published.of('verdict')).toMatchObject([{ provider: 'small', cost: { money: PRICE.small } }]);
    expect(await audit()).toMatchObject([
      { provider: 'small', outcome: 'answered', judges: 'completeness:0.90' },
    ]);
  });

  it('asks the dear one where the judge will not have the answer, and tells of each step', async () => {
    const { published, uplink, ended, audit } = await start({ small: () => DONT_KNOW, big: () => RAIN });
    const asked = escalation();
    await uplink.offer(asked);
    await ended();
    const [verdict] = published.of('verdict');
    expect(verdict).toMatchObject({
      provider: 'big',
      text: 'Rain is expected in the afternoon.',
      steps: [
        {
          provider: 'small',
          outcome: 'passed-on',
          judges: [{ kind: 'completeness', confidence: 0, accept: 0.5, because: 'says that it cannot' }],
          money: PRICE.small,
        },
        { provider: 'big', outcome: 'answered', judges: [], money: PRICE.big },
      ],
      cost: { tokens: 440 },
    });
    expect(verdict?.cost.money).toBeCloseTo(PRICE.small + PRICE.big);
    // What was not good enough is not shown.
    expect(published.of('answer-part')).toEqual([]);
    const rows = await audit();
    expect(rows).toMatchObject([
      { key: asked.key, provider: 'small', outcome: 'passed-on', judges: 'completeness:0.00' },
      { key: asked.key, provider: 'big', outcome: 'answered', judges: '' },
    ]);
    expect(uplink.stats().outbox).toMatchObject({ offered: 1, delivered: 1 });
  });

  it('lets the cheap answer stand where nobody dearer can be asked', async () => {
    const retry = { initialDelayMs: 1e7, maxDelayMs: 1e7 };
    const scripts = { small: () => DONT_KNOW, big: () => RAIN };
    const { big, published, uplink, ended, audit } = await start(scripts, { retry });
    await big.close();
    await uplink.offer(escalation());
    await ended();
    expect(published.of('verdict')).toMatchObject([
      {
        provider: 'small',
        label: 'none',
        steps: [{ outcome: 'passed-on' }, { provider: 'big', outcome: 'failed' }],
      },
    ]);
    // The second time it is known that it is away.
    await uplink.offer(escalation());
    await ended(2);
    expect(published.of('verdict')[1]?.steps).toMatchObject([{ outcome: 'passed-on' }, { outcome: 'away' }]);
    expect((await audit()).map(({ outcome }) => outcome)).toEqual(['passed-on', 'passed-on']);
  });

  it('lets it stand where the dear one would go over its own budget', async () => {
    const budget = [{ what: 'calls', per: 'day', limit: 1, provider: 'big' }];
    const scripts = { small: () => DONT_KNOW, big: () => RAIN };
    const { big, published, uplink, ended, audit } = await start(scripts, { budget });
    await uplink.offer(escalation());
    await ended();
    await uplink.offer(escalation());
    await ended(2);
    expect(published.of('verdict').map(({ provider }) => provider)).toEqual(['big', 'small']);
    expect(published.of('verdict')[1]?.steps?.[1]).toMatchObject({ provider: 'big', outcome: 'over-budget' });
    expect(big.requests).toHaveLength(1);
    expect(uplink.stats().budget).toMatchObject([{ provider: 'big', spent: 1 }]);
    await audit();
  });

  it('asks the dear one where the cheap one is away, breaks its schema or is refused by a guardrail', async () => {
    const away = await start({ small: () => RAIN, big: () => RAIN });
    await away.small.close();
    await away.uplink.offer(escalation());
    await away.ended();
    expect(away.published.of('verdict')).toMatchObject([
      { provider: 'big', steps: [{ provider: 'small', outcome: 'failed' }, { outcome: 'answered' }] },
    ]);
    const broken = await start({ small: () => ({ content: 'no JSON' }), big: () => RAIN });
    await broken.uplink.offer(escalation());
    await broken.ended();
    expect(broken.published.of('verdict')).toMatchObject([{ provider: 'big' }]);
    expect(broken.small.requests).toHaveLength(2);
    expect((await broken.audit()).map(({ outcome }) => outcome)).toEqual(['passed-on', 'answered']);
  });

  it('buries a question that guardrails let nobody answer, once', async () => {
    const guardrails = [{ kind: 'pattern', name: 'rain', regex: 'rain' }];
    const { published, uplink, ended, audit } = await start(
      { small: () => RAIN, big: () => RAIN },
      { guardrails },
    );
    await uplink.offer(escalation());
    await ended();
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'dead-letter', code: 'UPLINK_GUARDRAIL' }]);
    expect((await audit()).map(({ outcome }) => outcome)).toEqual(['passed-on', 'blocked']);
    expect(uplink.stats().outbox).toMatchObject({ offered: 1, dead: 1 });
  });

  it('asks again from the first, under the same key, where Catnap ended or was killed between two steps', async () => {
    const slow = held(RAIN);
    const { small, uplink, stateDir, providers } = await start({
      small: () => DONT_KNOW,
      big: slow.script,
    });
    const asked = escalation();
    await uplink.offer(asked);
    await slow.asked;
    // What a killed process leaves: the store as it is on the disk, and nobody to close it.
    const killed = temporaryFolder();
    cpSync(stateDir, killed, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    await uplink.close(0);
    slow.release();
    for (const left of [killed, stateDir]) {
      const again = new Published();
      const next = await uplinkTo('', again, { providers, judges: ['completeness'] }, { stateDir: left });
      closers.push(() => next.close(0));
      await again.until((all) => all.of('verdict').length === 1);
      expect(again.of('verdict')).toMatchObject([{ provider: 'big', detection: asked.detection }]);
      await next.close(0);
      expect(next.stats().outbox).toMatchObject({ offered: 1, delivered: 1 });
      expect(new Set((await auditOf(left)).map(({ key }) => key))).toEqual(new Set([asked.key]));
    }
    expect(small.requests).toHaveLength(3);
  });

  it('keeps what is cheap for what is cheap: who waits for it does not go to the dear one', async () => {
    const first = held(RAIN);
    const { big, published, uplink, ended } = await start({ small: first.script, big: () => RAIN });
    await uplink.offer(escalation({ source: 'kitchen' }));
    await uplink.offer(escalation({ source: 'hall' }));
    first.release();
    await ended(2);
    expect(published.of('verdict').map(({ provider }) => provider)).toEqual(['small', 'small']);
    expect(big.requests).toEqual([]);
  });

  it('waits in turn for the dear one, and asks it about each', async () => {
    const slow = held(RAIN);
    const { published, uplink, ended, big } = await start({ small: () => DONT_KNOW, big: slow.script });
    for (const source of ['kitchen', 'hall', 'garden']) await uplink.offer(escalation({ source }));
    slow.release();
    await ended(3);
    expect(published.of('verdict').map(({ provider }) => provider)).toEqual(['big', 'big', 'big']);
    expect(big.requests).toHaveLength(3);
  });
});

describe('what was learnt of whom to ask first', () => {
  const routing = { learnt: 'router.json' };
  const loadAskRouter: UplinkDeps['loadAskRouter'] = (path) => ({
    name: `${path}@1`,
    route: (_features, { transcript }) =>
      transcript?.startsWith('explain') === true
        ? { begin: 'dear', because: 'length of the question +0.31' }
        : { begin: 'cheap', because: '' },
  });

  it('passes over the cheap provider what would only be delayed, and says why, in the audit as well', async () => {
    const scripts = { small: () => RAIN, big: () => RAIN };
    const { small, published, uplink, ended, audit } = await start(scripts, { routing }, { loadAskRouter });
    await uplink.offer(escalation({ transcript: 'explain the weather' }));
    await ended();
    await uplink.offer(escalation({ transcript: 'the weather' }));
    await ended(2);
    const because = 'length of the question +0.31';
    expect(published.of('verdict').map(({ provider, asks }) => [provider, asks])).toEqual([
      ['big', { begin: 'dear', because }],
      ['small', undefined],
    ]);
    expect(small.requests).toHaveLength(1);
    expect((await audit()).map(({ asks }) => asks)).toEqual([`dear: ${because}`, '']);
  });

  it('says only where it would begin where it is looked at beside, and whether that was right', async () => {
    const scripts = { small: () => DONT_KNOW, big: () => RAIN };
    const beside = { beside: 'router.json' };
    const { small, published, uplink, ended, audit } = await start(
      scripts,
      { routing: beside },
      { loadAskRouter },
    );
    const comparison = new RouteComparison();
    await uplink.offer(escalation({ transcript: 'explain the weather' }));
    await ended();
    await uplink.offer(escalation({ transcript: 'the weather' }));
    await ended(2);
    expect(small.requests).toHaveLength(2);
    const [first] = published.of('verdict');
    expect(first?.routes).toEqual({
      begun: 'cheap',
      candidate: 'router.json@1',
      would: 'dear',
      because: 'length of the question +0.31',
    });
    expect((await audit())[0]?.asks).toBe('router.json@1 would dear: length of the question +0.31');
    for (const verdict of published.of('verdict')) comparison.take(verdict);
    expect(comparison.told()).toMatchObject({ questions: 2, same: 1, right: 1, wrong: 0, verdict: 'open' });
  });

  it('asks the cheap one all the same where the dear one is away', async () => {
    const retry = { initialDelayMs: 1e7, maxDelayMs: 1e7 };
    const scripts = { small: () => RAIN, big: () => RAIN };
    const { big, published, uplink, ended } = await start(scripts, { routing, retry }, { loadAskRouter });
    await big.close();
    await uplink.offer(escalation({ transcript: 'explain the weather' }));
    await ended();
    expect(published.of('verdict')).toMatchObject([{ provider: 'small' }]);
  });
});

describe('both at once', () => {
  const config = { asksAhead: true };

  it('takes the cheap answer where it is good, and pays for the dear one that nobody waits for', async () => {
    const slow = held(RAIN);
    const { published, uplink, ended, audit } = await start({ small: () => RAIN, big: slow.script }, config);
    await uplink.offer(escalation());
    await ended();
    expect(published.of('verdict')).toMatchObject([
      { provider: 'small', steps: [{ outcome: 'answered' }, { provider: 'big', outcome: 'abandoned' }] },
    ]);
    slow.release();
    const rows = await audit();
    expect(rows.map(({ provider, outcome }) => `${provider} ${outcome}`)).toEqual([
      'small answered',
      'big abandoned',
    ]);
    expect(published.of('verdict')).toHaveLength(1);
  });

  it('shows the cheap answer meanwhile, acts on nothing, and puts the dear one in its place', async () => {
    const slow = held(RAIN);
    const { published, uplink, ended, done } = await start(
      { small: () => DONT_KNOW, big: slow.script },
      config,
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('answer-part').length === 1);
    expect(published.of('answer-part')).toMatchObject([{ text: expect.stringContaining('I do not know') }]);
    expect(published.of('verdict')).toEqual([]);
    slow.release();
    await ended();
    expect(published.of('verdict')).toMatchObject([{ provider: 'big' }]);
    expect(done).toEqual([]);
  });

  it('takes the dear answer where it is the quicker', async () => {
    const slow = held(RAIN);
    const { published, uplink, ended, audit } = await start({ small: slow.script, big: () => RAIN }, config);
    await uplink.offer(escalation());
    await ended();
    expect(published.of('verdict')).toMatchObject([
      { provider: 'big', steps: [{ outcome: 'answered' }, { provider: 'small', outcome: 'abandoned' }] },
    ]);
    slow.release();
    expect((await audit()).map(({ provider, outcome }) => `${provider} ${outcome}`).sort()).toEqual([
      'big answered',
      'small abandoned',
    ]);
  });
});

describe('specialists', () => {
  async function withGardener(config: object = {}) {
    const [house, garden] = [
      await served(() => RAIN),
      await served(() => says('Water it twice a week.', 'plants')),
    ];
    const published = new Published();
    const prompts = { voice: 'You are a gardener. Reply with JSON only.' };
    const takes = { said: ['tomato', 'house plants'], sources: ['gar*', 'mic'] };
    const providers = [
      { kind: 'chat', name: 'house', url: house.url },
      { kind: 'chat', name: 'gardener', url: garden.url, takes, prompts },
    ];
    const uplink = await uplinkTo(house.url, published, { providers, ...config });
    closers.push(() => uplink.close(0));
    const ask = async (transcript: string, source = 'mic') => {
      const before = published.of('verdict').length;
      await uplink.offer(escalation({ transcript, source }));
      await published.until((all) => all.of('verdict').length > before);
      return published.of('verdict').at(-1)?.provider;
    };
    return { ask, garden, house };
  }

  it('take what was said to their words and sources, with a persona of their own, and nothing else', async () => {
    const { ask, garden, house } = await withGardener();
    expect(await ask('how often do I water a tomato')).toBe('gardener');
    expect(await ask('and my House plants?', 'garden')).toBe('gardener');
    expect(await ask('how are tomatoes doing on the market')).toBe('house');
    expect(await ask('how often do I water a tomato', 'kitchen')).toBe('house');
    expect(garden.requests[0]?.messages[0]?.content).toContain('You are a gardener.');
    expect(house.requests[0]?.messages[0]?.content).not.toContain('gardener');
  });

  it('have a budget each, after which the others are asked', async () => {
    const { ask } = await withGardener({
      budget: [{ what: 'calls', per: 'hour', limit: 1, provider: 'gardener' }],
    });
    expect(await ask('water the tomato')).toBe('gardener');
    expect(await ask('water the tomato')).toBe('house');
  });

  it('are asked before the others also where judges look', async () => {
    const { ask } = await withGardener({ judges: [{ kind: 'rule', labels: ['weather'] }] });
    expect(await ask('will it rain on the tomato')).toBe('house');
    expect(await ask('will it rain')).toBe('house');
  });
});
