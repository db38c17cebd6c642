import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { homeSchema } from '../../../../src/home/config.js';
import { askedBy } from '../../../../src/home/mqtt/asked.js';
import { discoveryOf } from '../../../../src/home/mqtt/discovery.js';
import { type HomeFacts, topicsOf } from '../../../../src/home/mqtt/topics.js';

const { mqtt } = homeSchema.parse({ mqtt: { url: 'mqtt://127.0.0.1' } });
if (mqtt === null) throw new Error('expected a broker');
const half = { accept: 0.7, reject: 0.3 };
const facts: HomeFacts = {
  name: 'Wohnküche 2',
  version: '1.2.3',
  sources: [
    { id: 'mic-1', kind: 'voice', words: ['alexa'], thresholds: { tiny: half, heavy: null } },
    { id: 'pump', kind: 'sensor', words: [], thresholds: { tiny: null, heavy: null } },
  ],
  intents: ['light.on'],
  hasCloud: true,
};
const topics = topicsOf(facts.name, mqtt);

/** What Home Assistant's own code takes; `test/interop/home-mqtt.test.ts` asks that code where it is installed. */
const schemas = JSON.parse(
  readFileSync(new URL('../../../vectors/home-assistant.json', import.meta.url), 'utf8'),
) as {
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly abbreviations: readonly string[];
  readonly device: readonly string[];
  readonly origin: readonly string[];
};

interface Discovered {
  readonly cmps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('what Home Assistant is told of a device', () => {
  const { cmps, ...device } = JSON.parse(discoveryOf(facts, topics, true)) as Discovered;

  it('says what it is, and where it says whether it is there', () => {
    expect([topics.discovery, device]).toEqual([
      'homeassistant/device/catnap_wohnkuche_2/config',
      {
        dev: { ids: ['catnap_wohnkuche_2'], name: 'Wohnküche 2', mf: 'Catnap', mdl: 'Catnap', sw: '1.2.3' },
        o: { name: 'Catnap', sw: '1.2.3' },
        avty_t: 'catnap/wohnkuche_2/status',
        qos: 1,
      },
    ]);
  });

  it('names every entity once, as what it is', () => {
    expect(Object.entries(cmps).map(([key, { p }]) => `${String(p)} ${key}`)).toEqual([
      ...[
        'switch offline',
        'event intent',
        'sensor health',
        'sensor energy',
        'sensor cost',
        'sensor dropped',
      ],
      ...['binary_sensor mic_1_hearing', 'switch mic_1_mute', 'sensor mic_1_level', 'sensor mic_1_latency'],
      ...[
        'sensor mic_1_false_alarms_today',
        'sensor mic_1_false_alarms',
        'button mic_1_was_right',
        'button mic_1_was_wrong',
      ],
      ...['event mic_1_wake', 'number mic_1_tiny_accept'],
      ...['number mic_1_tiny_reject', 'sensor mic_1_transcript'],
      ...['binary_sensor pump_hearing', 'switch pump_mute', 'sensor pump_level', 'sensor pump_latency'],
      ...[
        'sensor pump_false_alarms_today',
        'sensor pump_false_alarms',
        'button pump_was_right',
        'button pump_was_wrong',
      ],
      ...['binary_sensor pump_fault', 'event pump_faults', 'button pump_learn'],
    ]);
    const ids = Object.values(cmps).map(({ unique_id }) => unique_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says nothing that Home Assistant does not know', () => {
    const { dev, o, ...rest } = device as Readonly<Record<string, object>>;
    const unknown = (keys: object | undefined, known: readonly string[]) =>
      Object.keys(keys ?? {}).filter((key) => !known.includes(key));
    const { keys, abbreviations } = schemas;
    expect([
      ...unknown(rest, abbreviations),
      ...unknown(dev, schemas.device),
      ...unknown(o, schemas.origin),
      ...Object.values(cmps).flatMap(({ p, ...component }) => unknown(component, keys[String(p)] ?? [])),
    ]).toEqual([]);
  });

  it('asks for nothing that is not understood', () => {
    const asks = Object.values(cmps).flatMap(({ command_topic }) =>
      typeof command_topic === 'string' ? [command_topic] : [],
    );
    const isSwitch = (topic: string): boolean => /\/(offline|mute)(\/|$)/.test(topic);
    const wishes = asks.map((topic) =>
      askedBy(topic, isSwitch(topic) ? 'OFF' : '0.5', topics, () => 'run-1/mic-1/d1'),
    );
    expect(wishes.map((wish) => wish !== null && 'command' in wish && wish.command.kind)).toEqual([
      ...['offline', 'unmute', 'label', 'label', 'threshold', 'threshold'],
      ...['unmute', 'label', 'label', 'learn-again'],
    ]);
  });

  it('lifts neither mute nor offline by what is no ON or OFF', () => {
    for (const topic of [topics.ask('offline'), topics.ask('mute', 'mic-1')])
      for (const payload of ['on', 'true', '', '0'])
        expect(askedBy(topic, payload, topics, () => null)).toMatchObject({
          fault: `${topic}: expected ON or OFF, found ${JSON.stringify(payload)}`,
        });
  });

  it('takes what somebody says of the newest detection, or of one by its name', () => {
    const said = (payload: string, newest: string | null = 'run-1/mic-1/d9') =>
      askedBy(topics.ask('label', 'mic-1'), payload, topics, () => newest);
    const label = { kind: 'label', detection: 'run-1/mic-1/d9' };
    expect(said('right')).toEqual({ command: { ...label, verdict: 'right', was: null } });
    expect(said('wrong')).toEqual({ command: { ...label, verdict: 'wrong', was: null } });
    expect(said('television')).toEqual({ command: { ...label, verdict: 'wrong', was: 'television' } });
    expect(said('{"detection":"mic-1/d2","said":"smart mirror"}', null)).toEqual({
      command: { kind: 'label', detection: 'mic-1/d2', verdict: 'wrong', was: 'smart mirror' },
    });
    const inVain = (why: string) => ({
      kind: 'label',
      source: 'mic-1',
      fault: `${topics.ask('label', 'mic-1')}: ${why}`,
    });
    expect(said('right', null)).toEqual(
      inVain('expected which detection, for none was believed yet, found "right"'),
    );
    expect(said(' ')).toEqual(inVain('expected right, wrong or what it was, found " "'));
    expect(said('la'.repeat(41))).toEqual(
      inVain('label.was: Too big: expected string to have <=80 characters'),
    );
  });

  it.each(['{"said":1,"detection":"d1"}', '{"detection":"mic-1/d2"}', '{"said":"right"}', '["right"]'])(
    'takes %s for no word of what it was',
    (payload) => {
      expect(askedBy(topics.ask('label', 'mic-1'), payload, topics, () => 'run-1/mic-1/d9')).toMatchObject({
        kind: 'label',
        fault: expect.stringContaining(`found ${JSON.stringify(payload)}`),
      });
    },
  );
});

describe('what the house asks for', () => {
  const asked = (what: string, payload: string) =>
    askedBy(`catnap/wohnkuche_2/set/${what}`, payload, topics, () => null);

  it('is a command of the page', () => {
    expect(asked('mute/mic-1', 'ON')).toEqual({ command: { kind: 'mute', source: 'mic-1', forMs: null } });
    expect(asked('tiny_reject/mic-1', '0.25')).toEqual({
      command: { kind: 'threshold', source: 'mic-1', stage: 'tiny', bound: 'reject', value: 0.25 },
    });
  });

  it.each(['much', '', ' ', '1.5', '-0.1', 'NaN'])(
    'is told of in vain where %j is to be a threshold',
    (payload) => {
      expect(asked('tiny_reject/mic-1', payload)).toEqual({
        kind: 'threshold',
        source: 'mic-1',
        fault: `catnap/wohnkuche_2/set/tiny_reject/mic-1: expected a number from 0 to 1, found ${JSON.stringify(payload)}`,
      });
    },
  );

  it('is nothing on a topic that asks for nothing', () => {
    for (const what of ['mute', 'shout/mic-1', 'tiny_much/mic-1']) expect(asked(what, 'ON')).toBeNull();
    expect(askedBy('elsewhere/set/mute/mic-1', 'ON', topics, () => null)).toBeNull();
  });
});
