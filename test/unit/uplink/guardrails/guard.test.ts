import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Uplink } from '../../../../src/core/cascade/escalation.js';
import { cascadeEventSchema } from '../../../../src/core/events/event-schema.js';
import { type AuditRow, auditRows } from '../../../../src/uplink/accounts/audit.js';
import { openStoreCopy } from '../../../../src/uplink/queue/store-copy.js';
import { UPLINK_STORE } from '../../../../src/uplink/uplink.js';
import { type Scripted, scriptedAnswers } from '../../../support/scripted-answers.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { escalation, Published, uplinkTo } from '../../../support/uplink.js';

let uplink: Uplink | null = null;
let server: Server | null = null;

afterEach(async () => {
  await uplink?.close(0);
  server?.closeAllConnections();
  server?.close();
  uplink = null;
  server = null;
});

/** Asks once through these guardrails, and gives what was published, what the far end was asked, and the audit. */
async function ask(guardrails: readonly object[], answers: readonly Scripted[], config: object = {}) {
  const { provider, asked } = scriptedAnswers(...answers);
  const published = new Published();
  const stateDir = temporaryFolder();
  const done: { name: string; slots: object }[] = [];
  const opened = await uplinkTo(
    'ws://far.example',
    published,
    { guardrails, ...config },
    {
      stateDir,
      createProvider: async () => provider,
      actions: {
        async run({ name, detection, slots }) {
          done.push({ name, slots });
          return { detection, action: name, outcome: 'done', detail: '' };
        },
      },
    },
  );
  uplink = opened;
  await opened.offer(escalation());
  await published.until((all) => all.of('verdict').length + all.of('undelivered').length === 1);
  await opened.close(1_000);
  for (const event of published.events) cascadeEventSchema.parse(event);
  return { published, asked, done, rows: await auditOf(stateDir) };
}

async function auditOf(stateDir: string): Promise<AuditRow[]> {
  const store = await openStoreCopy(join(stateDir, UPLINK_STORE));
  const rows: AuditRow[] = [];
  for await (const row of auditRows(store, null, null)) rows.push(row);
  await store.close();
  return rows;
}

/** A model in the house that says this of every answer; null: nothing at all. */
async function house(says: (body: string) => string | null) {
  const bodies: string[] = [];
  const listening = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(body);
      const content = says(body);
      if (content === null) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, bodies };
}

const rain = { label: 'weather', text: 'Rain, says https://rain.example today.' };
const dry = { label: 'weather', text: 'No rain.' };
const links = { kind: 'pattern', name: 'links', regex: String.raw`https?://\S+` };

describe('a pattern', () => {
  it('blocks an answer, which is then neither shown nor done, and can be asked for anew', async () => {
    const { published, asked, rows } = await ask([links], [rain]);
    expect(published.of('verdict')).toEqual([]);
    expect(published.of('answer-part')).toEqual([]);
    expect(published.of('undelivered')).toMatchObject([
      {
        outcome: 'dead-letter',
        code: 'UPLINK_GUARDRAIL',
        detail: expect.stringContaining('links: expected an answer without'),
        guardrails: [{ name: 'links', outcome: 'blocked' }],
      },
    ]);
    expect(JSON.stringify(published.events)).not.toContain('rain.example');
    expect(asked).toHaveLength(1);
    expect(rows).toMatchObject([
      { outcome: 'blocked', verdict: 'UPLINK_GUARDRAIL', guardrails: 'links:blocked' },
    ]);
  });

  it('is taken out where that is asked for', async () => {
    const { published, rows } = await ask([{ ...links, onFail: 'redact' }], [rain]);
    expect(published.of('verdict')).toMatchObject([
      { text: 'Rain, says [links] today.', guardrails: [{ name: 'links', outcome: 'redacted' }] },
    ]);
    expect(rows).toMatchObject([{ outcome: 'answered', guardrails: 'links:redacted' }]);
  });

  it('is asked about again, once, with what was wrong', async () => {
    const { published, asked, rows } = await ask([{ ...links, onFail: 'ask-again' }], [rain, dry]);
    expect(asked.map(({ kind }) => kind)).toEqual(['ask', 'repair']);
    expect(asked[1]).toMatchObject({ problem: expect.stringContaining('links: expected an answer without') });
    expect(published.of('verdict')).toMatchObject([
      {
        text: 'No rain.',
        guardrails: [
          { name: 'links', outcome: 'asked-again' },
          { name: 'links', outcome: 'passed' },
        ],
      },
    ]);
    expect(rows).toMatchObject([{ outcome: 'answered', guardrails: 'links:asked-again links:passed' }]);
  });

  it('blocks an answer that is no better the second time, or that nobody can pay for again', async () => {
    const again = { ...links, onFail: 'ask-again' };
    const twice = await ask([again], [rain, rain]);
    expect(twice.asked).toHaveLength(2);
    expect(twice.rows).toMatchObject([{ outcome: 'blocked', guardrails: 'links:asked-again links:blocked' }]);
    const poor = await ask([again], [rain, dry], { budget: [{ what: 'calls', per: 'day', limit: 1 }] });
    expect(poor.asked).toHaveLength(1);
    expect(poor.rows).toMatchObject([{ outcome: 'blocked', guardrails: 'links:blocked' }]);
  });

  it('is looked for in what an action would be done with, and never taken out of that', async () => {
    const actions = { note: { kind: 'log' } };
    const say = (note: string) => ({ ...dry, action: { name: 'note', parameters: { note } } });
    const redact = [{ ...links, onFail: 'redact' }];
    const bad = await ask(redact, [say('see http://bad.example')], { actions });
    expect(bad.published.of('undelivered')).toMatchObject([{ code: 'UPLINK_GUARDRAIL' }]);
    expect(bad.done).toEqual([]);
    const good = await ask(redact, [say('umbrella')], { actions });
    expect(good.done).toEqual([{ name: 'note', slots: { note: 'umbrella' } }]);
  });
});

describe('a length', () => {
  it.each([
    [9, 'No rain until noon.', 'No rain…'],
    [8, 'No rain until noon.', 'No rain…'],
    [7, 'No rain until noon.', 'No…'],
    [3, '🌧🌧🌧🌧', '🌧🌧…'],
  ])('of %i ends a text after the last whole word that fits', async (maxChars, text, shown) => {
    const { published } = await ask([{ kind: 'length', name: 'short', maxChars }], [{ label: 'rain', text }]);
    expect(published.of('verdict')).toMatchObject([{ text: shown, guardrails: [{ outcome: 'redacted' }] }]);
  });

  it('is told to the far end where it is asked again', async () => {
    const short = { kind: 'length', name: 'short', maxChars: 12, onFail: 'ask-again' };
    const { asked, published } = await ask([short], [rain, dry]);
    expect(asked[1]).toMatchObject({ problem: 'short: expected a text of at most 12 characters, found 38' });
    expect(published.of('verdict')).toMatchObject([{ text: 'No rain.' }]);
  });
});

describe('a model in the house', () => {
  const rail = (url: string, more: object = {}) => ({
    kind: 'model',
    name: 'house',
    url,
    model: 'small',
    rules: 'Nothing about the weather.',
    ...more,
  });

  it('is asked with the rules, the question and the answer, and blocks what breaks them', async () => {
    const { url, bodies } = await house((body) => JSON.stringify({ ok: !body.includes('Rain, says') }));
    const blocked = await ask([rail(url)], [rain]);
    expect(blocked.published.of('undelivered')).toMatchObject([
      { code: 'UPLINK_GUARDRAIL', guardrails: [{ name: 'house', outcome: 'blocked' }] },
    ]);
    const { model, messages } = JSON.parse(bodies[0] ?? '') as {
      model: string;
      messages: { content: string }[];
    };
    expect(model).toBe('small');
    expect(messages[0]?.content).toContain('Nothing about the weather.');
    expect(JSON.parse(messages[1]?.content ?? '')).toEqual({
      question: 'what is the weather like tomorrow',
      answer: { ...rain, action: null },
    });
    const passed = await ask([rail(url)], [dry]);
    expect(passed.published.of('verdict')).toMatchObject([{ guardrails: [{ outcome: 'passed' }] }]);
    expect(passed.rows).toMatchObject([
      { rule: 'guardrail house', parts: 'guardrail', outcome: 'sent', verdict: 'pass' },
      { outcome: 'answered', guardrails: 'house:passed' },
    ]);
    expect(passed.rows[0]?.bytesUp).toBe(Buffer.byteLength(bodies[1] ?? ''));
    expect(passed.published.of('sent')).toHaveLength(1);
  });

  it.each([
    ['says something else', () => 'I would rather not.', 'UPLINK_REPLY'],
    ['says nothing in time', () => null, 'UPLINK_TIMEOUT'],
  ])('that %s blocks, and is told as health', async (_, says, code) => {
    const { url } = await house(says);
    const { published } = await ask([rail(url, { timeoutMs: 300 })], [dry]);
    expect(published.of('undelivered')).toMatchObject([{ guardrails: [{ outcome: 'blocked' }] }]);
    expect(published.of('health')).toContainEqual(
      expect.objectContaining({ component: 'guardrail/house', state: 'degraded', code }),
    );
  });

  it('that is not there lets pass where that is asked for, and the record says that nobody judged', async () => {
    const { published, rows } = await ask([rail('http://127.0.0.1:9', { ifUnable: 'pass' })], [dry]);
    expect(published.of('verdict')).toMatchObject([{ guardrails: [{ name: 'house', outcome: 'unjudged' }] }]);
    expect(rows.at(-1)).toMatchObject({ guardrails: 'house:unjudged' });
  });
});

describe('several guardrails', () => {
  it('judge in their order, each what the one before it left', async () => {
    const short = { kind: 'length', name: 'short', maxChars: 21 };
    const { published } = await ask([{ ...links, onFail: 'redact' }, short], [rain]);
    expect(published.of('verdict')).toMatchObject([
      {
        text: 'Rain, says [links]…',
        guardrails: [
          { name: 'links', outcome: 'redacted' },
          { name: 'short', outcome: 'redacted' },
        ],
      },
    ]);
  });

  it('are not asked about an answer that is not of its schema', async () => {
    const { published } = await ask([links], ['no JSON', 'no JSON']);
    expect(published.of('undelivered')).toMatchObject([{ code: 'UPLINK_REPLY' }]);
  });
});
