import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/bench/listener.js';
import type { Escalation } from '../../src/core/cascade/escalation.js';
import { configSchema } from '../../src/runtime/config.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { ChatFarEnd, says } from '../support/chat-far-end.js';
import { voiceRecording } from '../support/replay.js';
import { escalation, Published, uplinkTo } from '../support/uplink.js';

/** A house in which `alexa` only switches what `lights` knows, and `computer` leads to an assistant. */
const house = (cascades: Readonly<Record<string, unknown>>) =>
  configSchema.safeParse({ sources: [{ id: 'kitchen', kind: 'microphone' }], cascades });

const ASSISTANT = { kind: 'voice', intents: [], policy: { priority: 7 } };
const LIGHTS = { kind: 'voice', recogniser: { models: ['commands'] }, policy: { escalateOn: [] } };

/** What becomes of an order after its word in a recording of the fixtures. */
async function heard(name: string, leadsTo: Readonly<Record<string, string>>) {
  const { data } = house({ voice: { kind: 'voice', leadsTo }, assistant: ASSISTANT, lights: LIGHTS });
  const voice = data?.cascades.voice;
  if (voice?.kind !== 'voice') throw new Error('the configuration has a voice cascade');
  const escalations: Escalation[] = [];
  const listener = await Listener.open(voice, { offer: (escalation) => escalations.push(escalation) });
  try {
    const { events } = await listener.hear(await readAudio(voiceRecording(name)));
    return { last: events.at(-1), escalations };
  } finally {
    await listener.close();
  }
}

describe('a word that leads to another cascade', () => {
  it('has what is said after it understood by that one, and sent as that one says', async () => {
    const { last, escalations } = await heard('settled', { alexa: 'assistant' });
    expect(last).toMatchObject({ type: 'escalated', label: 'alexa' });
    expect(escalations).toMatchObject([{ label: 'alexa', priority: 7 }]);
  });

  it('stays on the device where that one asks nobody', async () => {
    const { last, escalations } = await heard('complex', { computer: 'lights' });
    expect(last).toMatchObject({ type: 'refused', label: 'computer' });
    expect(escalations).toEqual([]);
  });

  it('leaves the other words to their own cascade', async () => {
    expect((await heard('settled', { computer: 'assistant' })).last).toMatchObject({ type: 'settled' });
  });

  it('is answered by the provider that takes its label, by a prompt of its own', async () => {
    const { escalations } = await heard('settled', { alexa: 'assistant' });
    const house = await ChatFarEnd.start(() => says('The house answers.'));
    const butler = await ChatFarEnd.start(() => says('Very well.'));
    const prompts = { voice: 'You are a butler. Reply with JSON only.' };
    const published = new Published();
    const providers = [
      { kind: 'chat', name: 'house', url: house.url },
      { kind: 'chat', name: 'butler', url: butler.url, takes: { labels: ['alexa'] }, prompts },
    ];
    const uplink = await uplinkTo(house.url, published, { providers });
    try {
      for (const each of [...escalations, escalation({ label: 'computer' })]) await uplink.offer(each);
      await published.until((all) => all.of('verdict').length === 2);
    } finally {
      await uplink.close(0);
      await Promise.all([house.close(), butler.close()]);
    }
    const persona = ({ requests }: ChatFarEnd) => requests.map(({ messages }) => messages[0]?.content);
    expect(persona(butler)).toEqual([expect.stringContaining('You are a butler.')]);
    expect(persona(house)).toEqual([expect.not.stringContaining('butler')]);
    expect([...house.violations, ...butler.violations]).toEqual([]);
  });

  it('is told where it leads nowhere', () => {
    const issues = house({ voice: { kind: 'voice', leadsTo: { alexa: 'lamps' } } }).error?.issues;
    expect(issues).toMatchObject([
      { path: ['cascades', 'voice', 'leadsTo', 'alexa'], message: expect.stringContaining('found "lamps"') },
    ]);
  });
});
