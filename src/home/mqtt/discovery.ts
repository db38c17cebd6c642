import type { HomeFacts, HomeSource, Topics } from './topics.js';

/** An entity as Home Assistant's MQTT discovery describes it; `p` names what it is. */
type Component = Readonly<Record<string, unknown>> & { readonly p: string };

/**
 * What Home Assistant is told of this device, all in one message (home-assistant.io/integrations/mqtt, "Device
 * discovery payload", since 2024.11). `transcripts`: what was said is told, too.
 */
export function discoveryOf(facts: HomeFacts, topics: Topics, transcripts: boolean): string {
  const { name, version, sources } = facts;
  const cmps: Record<string, Component> = {};
  const add = (key: string, component: Component): void => {
    const unique = `catnap_${topics.id}_${key}`;
    cmps[key] = { ...component, unique_id: unique };
  };
  for (const [key, component] of ofDevice(facts, topics)) add(key, component);
  for (const source of sources)
    for (const [key, component] of ofSource(source, topics, transcripts))
      add(`${source.id.replaceAll('-', '_').toLowerCase()}_${key}`, {
        ...component,
        name: `${source.id} ${String(component.name)}`,
      });
  return JSON.stringify({
    dev: { ids: [`catnap_${topics.id}`], name, mf: 'Catnap', mdl: 'Catnap', sw: version },
    o: { name: 'Catnap', sw: version },
    cmps,
    avty_t: topics.status,
    qos: 1,
  });
}

function ofDevice({ intents, hasCloud }: HomeFacts, topics: Topics): [key: string, Component][] {
  const read = reading(topics.device);
  const offline = switched(read('offline', 'switch'), topics.ask('offline'));
  const ofCloud: [string, Component][] = hasCloud
    ? [['offline', { ...offline, name: 'Offline', icon: 'mdi:cloud-off-outline' }]]
    : [];
  return [
    ...ofCloud,
    ['intent', { p: 'event', name: 'Intent', state_topic: topics.intent, event_types: intents }],
    [
      'health',
      {
        ...read('health', 'sensor'),
        name: 'Health',
        device_class: 'enum',
        options: ['ok', 'degraded', 'down'],
        json_attributes_topic: topics.device,
        json_attributes_template: '{{ value_json.unwell | tojson }}',
        entity_category: 'diagnostic',
      },
    ],
    [
      'energy',
      {
        ...read('energy', 'sensor'),
        name: 'Energy',
        device_class: 'energy',
        unit_of_measurement: 'J',
        state_class: 'total_increasing',
        entity_category: 'diagnostic',
      },
    ],
    [
      'cost',
      {
        ...read('cost', 'sensor'),
        name: 'Cloud cost today',
        icon: 'mdi:cloud-upload',
        state_class: 'total_increasing',
        entity_category: 'diagnostic',
      },
    ],
    ['dropped', { ...counter(read('dropped', 'sensor')), name: 'Messages dropped' }],
  ];
}

function ofSource(source: HomeSource, topics: Topics, transcripts: boolean): [key: string, Component][] {
  const { id } = source;
  const read = reading(topics.state(id));
  const both: [string, Component][] = [
    ['hearing', { ...read('hearing', 'binary_sensor'), name: 'hearing', entity_category: 'diagnostic' }],
    [
      'mute',
      {
        ...switched(read('mute', 'switch'), topics.ask('mute', id)),
        name: 'mute',
        icon: 'mdi:microphone-off',
      },
    ],
    ['level', { ...measured(read('level', 'sensor')), name: 'level', unit_of_measurement: 'dB' }],
    [
      'latency',
      {
        ...measured(read('latency', 'sensor')),
        name: 'latency',
        device_class: 'duration',
        unit_of_measurement: 'ms',
      },
    ],
    [
      'false_alarms_today',
      {
        ...measured(read('false_alarms_today', 'sensor')),
        name: 'false alarms today (estimate)',
        icon: 'mdi:bell-alert-outline',
      },
    ],
    ['false_alarms', { ...counter(read('false_alarms', 'sensor')), name: 'called wrong' }],
    ...(['right', 'wrong'] as const).map((said): [string, Component] => [
      `was_${said}`,
      {
        p: 'button',
        name: `the last was ${said}`,
        icon: said === 'right' ? 'mdi:check' : 'mdi:close',
        command_topic: topics.ask('label', id),
        payload_press: said,
      },
    ]),
  ];
  return source.kind === 'voice'
    ? [...both, ...ofVoice(source, topics, transcripts)]
    : [...both, ...ofSensor(source, topics)];
}

function ofVoice(source: HomeSource, topics: Topics, transcripts: boolean): [string, Component][] {
  const { id, words } = source;
  const wake: [string, Component] = [
    'wake',
    { p: 'event', name: 'wake word', state_topic: topics.event(id, 'wake'), event_types: words },
  ];
  const numbers = thresholdsOf(source, topics);
  if (!transcripts) return [wake, ...numbers];
  const said = { p: 'sensor', name: 'transcript', icon: 'mdi:text', state_topic: topics.transcript(id) };
  return [wake, ...numbers, ['transcript', { ...said, value_template: '{{ value_json.transcript }}' }]];
}

function thresholdsOf({ id, thresholds }: HomeSource, topics: Topics): [string, Component][] {
  const read = reading(topics.state(id));
  return (['tiny', 'heavy'] as const).flatMap((stage) => {
    if (thresholds[stage] === null) return [];
    return (['accept', 'reject'] as const).map((bound): [string, Component] => {
      const key = `${stage}_${bound}`;
      const range = { min: 0, max: 1, step: 0.01, mode: 'box' };
      const shown = { name: `${stage} ${bound}`, icon: 'mdi:tune', entity_category: 'config' };
      return [key, { ...read(key, 'number'), ...shown, ...range, command_topic: topics.ask(key, id) }];
    });
  });
}

function ofSensor({ id }: HomeSource, topics: Topics): [string, Component][] {
  const read = reading(topics.state(id));
  return [
    ['fault', { ...read('fault', 'binary_sensor'), name: 'fault', device_class: 'problem' }],
    [
      'faults',
      {
        p: 'event',
        name: 'faults',
        state_topic: topics.event(id, 'fault'),
        event_types: ['begun', 'over'],
      },
    ],
    [
      'learn',
      {
        p: 'button',
        name: 'learn again',
        icon: 'mdi:school',
        command_topic: topics.ask('learn', id),
        entity_category: 'config',
      },
    ],
  ];
}

/** An entity whose state stands under `key` in the JSON of a topic. */
function reading(topic: string): (key: string, platform: string) => Component {
  return (key, p) => ({ p, state_topic: topic, value_template: `{{ value_json.${key} }}` });
}

/** One that Home Assistant turns on and off by a message on a topic. */
function switched(component: Component, topic: string): Component {
  return { ...component, command_topic: topic, state_on: 'ON', state_off: 'OFF' };
}

function counter(component: Component): Component {
  return { ...component, state_class: 'total_increasing', entity_category: 'diagnostic' };
}

function measured(component: Component): Component {
  return { ...component, state_class: 'measurement', entity_category: 'diagnostic' };
}
