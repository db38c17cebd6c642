import { describe, expect, it } from 'vitest';
import { type IntentsInput, intentsSchema } from '../../../../src/runtime/config.js';
import { IntentMatcher } from '../../../../src/voice/intents/matcher.js';
import { numberAt, wordsOf } from '../../../../src/voice/intents/words.js';

const matcherOf = (config: IntentsInput = {}) => new IntentMatcher(intentsSchema.parse(config));
const shipped = matcherOf();
const meaningOf = (text: string, matcher = shipped) => {
  const found = matcher.match(text);
  return found === null ? null : { intent: found.intent, slots: found.slots };
};

describe('what the shipped templates settle', () => {
  it.each([
    ['Turn on the kitchen lights.', 'light.on', { room: 'kitchen' }],
    ['Could you please switch the lights off in here?', null, {}],
    ['Switch off the lamp in the lounge', 'light.off', { room: 'living room' }],
    ['Turn the lights off!', 'light.off', {}],
    ['Dim the bedroom light to forty five percent', 'light.brightness', { room: 'bedroom', percent: '45' }],
    ['Set a timer for 10 minutes.', 'timer.start', { minutes: '10' }],
    ['set a twenty minute timer', 'timer.start', { minutes: '20' }],
    ["What's the time?", 'clock.time', {}],
    ["What's today's date?", 'clock.date', {}],
    ['Volume 30%', 'volume.set', { percent: '30' }],
    ['Next song', 'media.next', {}],
    ['Open the garage door', 'cover.open', {}],
    ['Set the thermostat to twenty-one degrees', 'climate.set', { degrees: '21' }],
    ['Add oat milk and eggs to the shopping list', 'list.add', { item: 'oat milk and eggs' }],
    ['Speaker.', 'command', { command: 'speaker' }],
    ['Never mind', 'stop', {}],
  ])('%s', (text, intent, slots) => {
    expect(meaningOf(text)).toEqual(intent === null ? null : { intent, slots });
  });

  it('forgives what a recogniser gets slightly wrong', () => {
    expect(meaningOf('turn on the kitchin lights')).toEqual({
      intent: 'light.on',
      slots: { room: 'kitchen' },
    });
    expect(meaningOf('uh, please turn on the, um, kitchen light now')).toMatchObject({ intent: 'light.on' });
  });

  it('never guesses between opposites, nor passes over a negation', () => {
    expect(meaningOf('turn the living room light please')).toBeNull();
    expect(meaningOf("don't turn on the kitchen light")).toBeNull();
    expect(meaningOf('do not stop the music')).toBeNull();
  });

  it('takes one word only for itself', () => {
    expect(meaningOf('pause')).toMatchObject({ intent: 'media.pause' });
    expect(meaningOf('cause')).toBeNull();
    expect(meaningOf('process please')).toEqual({ intent: 'command', slots: { command: 'process' } });
    expect(meaningOf('')).toBeNull();
    expect(meaningOf('?!')).toBeNull();
  });

  it('says why it settles nothing', () => {
    const settle = (text: string) =>
      shipped.settle({ kind: 'transcript', stage: 'moonshine', text, confidence: 0.9 });
    expect(settle('explain quantum gravity to me')).toMatchObject({
      kind: 'unsettled',
      reason: 'unknown-words',
    });
    expect(settle('lights the kitchen music')).toEqual({
      kind: 'unsettled',
      reason: 'no-match',
      unknownWords: 0,
    });
  });
});

describe('templates of a configuration', () => {
  it('map to intents with fixed slots and an action, before the shipped ones', () => {
    const matcher = matcherOf({
      lists: { coffee: [{ in: '(latte|caffe latte)', out: 'latte' }, 'mocha'] },
      sentences: [
        {
          intent: 'coffee.make',
          sentences: ['(make|brew) [me] [a] {coffee:drink} [with {anything:extra}]'],
          slots: { machine: 'kitchen' },
          action: { kind: 'mqtt', topic: 'coffee/{drink}' },
        },
        { intent: 'my.lights', sentences: ['turn on the lights'] },
      ],
    });
    expect(matcher.match('Brew me a caffe latte with oat milk')).toEqual({
      intent: 'coffee.make',
      slots: { machine: 'kitchen', drink: 'latte', extra: 'oat milk' },
      action: { kind: 'mqtt', topic: 'coffee/{drink}', payload: null, retain: false },
      match: expect.closeTo(1, 1),
    });
    expect(meaningOf('turn on the lights', matcher)).toEqual({ intent: 'my.lights', slots: {} });
    expect(matcher.actionOf('coffee.make')).toMatchObject({ kind: 'mqtt' });
    expect(matcher.actionOf('nothing')).toBeNull();
  });

  it('can stand alone', () => {
    const matcher = matcherOf({
      shipped: false,
      sentences: [{ intent: 'hi', sentences: ['(hello|hi) there'] }],
    });
    expect(meaningOf('hello there', matcher)).toMatchObject({ intent: 'hi' });
    expect(meaningOf('turn on the lights', matcher)).toBeNull();
  });

  it.each([
    ['turn (on', /character 9: expected .*found its end/],
    ['turn on]', /character 8: expected the end, found/],
    ['set {}', /expected \{list\} or \{list:slot\}/],
    ['go to {nowhere}', /expected a list among .*, found \{nowhere\}/],
    ['a } b', /character 3: expected a word/],
  ])('is refused when it reads %s', (sentence, message) => {
    expect(() => matcherOf({ sentences: [{ intent: 'x', sentences: [sentence] }] })).toThrow(message);
  });
});

describe('words', () => {
  it.each([
    ['two hundred and five', 205, 4],
    ['nineteen', 19, 1],
    ['ninety nine percent', 99, 2],
    ['three thousand four hundred', 3400, 4],
    ['a hundred', 100, 2],
    ['42', 42, 1],
  ])('%s is a number', (text, value, length) => {
    expect(numberAt(wordsOf(text), 0)).toEqual({ value, length });
  });

  it('are compared in one spelling', () => {
    expect(wordsOf('It’s 20% — OK, “Twenty-one”?')).toEqual([
      'it',
      'is',
      '20',
      'percent',
      'okay',
      'twenty',
      'one',
    ]);
    expect(numberAt(wordsOf('kitchen'), 0)).toBeNull();
  });
});
