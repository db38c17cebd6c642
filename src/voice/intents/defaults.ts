import type { IntentConfig, ListConfig } from './schema.js';

const log = { kind: 'log' } as const;

function intent(name: string, ...sentences: string[]): IntentConfig {
  return { intent: name, sentences, slots: {}, action: log };
}

/**
 * The templates that come with Catnap. Each only logs until a configuration gives its intent an action: a
 * sentence of the configuration with the same intent goes before these.
 */
export const SHIPPED_INTENTS: {
  readonly lists: Readonly<Record<string, ListConfig>>;
  readonly sentences: readonly IntentConfig[];
} = {
  lists: {
    room: [
      'kitchen',
      'bedroom',
      'bathroom',
      'office',
      'garage',
      'garden',
      { in: '(living room|lounge|sitting room)', out: 'living room' },
      { in: '(hall|hallway|corridor)', out: 'hall' },
      'dining room',
    ],
    percent: { range: [0, 100] },
    minutes: { range: [1, 600] },
    seconds: { range: [1, 600] },
    hours: { range: [1, 24] },
    degrees: { range: [5, 35] },
    anything: { wildcard: true },
    command: ['open', 'close', 'print', 'project', 'process', 'signal', 'speaker', 'speech'],
  },
  sentences: [
    intent(
      'light.on',
      '(turn|switch) on [the] [{room}] (light|lights|lamp)',
      '(turn|switch) [the] [{room}] (light|lights|lamp) on',
      '(turn|switch) on [the] (light|lights|lamp) in [the] {room}',
      '[{room}] (light|lights) on',
    ),
    intent(
      'light.off',
      '(turn|switch) off [the] [{room}] (light|lights|lamp)',
      '(turn|switch) [the] [{room}] (light|lights|lamp) off',
      '(turn|switch) off [the] (light|lights|lamp) in [the] {room}',
      '[{room}] (light|lights) off',
    ),
    intent(
      'light.brightness',
      '(set|dim|change) [the] [{room}] (light|lights|lamp|brightness) to {percent} [percent]',
    ),
    intent(
      'timer.start',
      '(set|start) [a] timer for {minutes} (minute|minutes)',
      '(set|start) [a] {minutes} minute timer',
      '(set|start) [a] timer for {seconds} (second|seconds)',
      '(set|start) [a] timer for {hours} (hour|hours)',
    ),
    intent('timer.cancel', '(cancel|stop|end) [the] (timer|timers)'),
    intent('clock.time', 'what time is it', 'what is the time', '(tell me|say) the time'),
    intent('clock.date', 'what (day|date) is it [today]', 'what is [the] date [today]', 'what is today date'),
    intent(
      'volume.up',
      '(turn up [the] (volume|sound|music)|[volume] louder)',
      'turn [the] (volume|sound|music) up',
      'volume up',
    ),
    intent(
      'volume.down',
      '(turn down [the] (volume|sound|music)|quieter)',
      'turn [the] (volume|sound|music) down',
      'volume down',
    ),
    intent('volume.set', '(set|turn) [the] volume to {percent} [percent]', 'volume {percent} [percent]'),
    intent('volume.mute', '(mute|be quiet|shut up)', 'mute [the] (volume|sound|music)'),
    intent('media.play', 'play [the] music', '(resume|continue) [the] (music|playing)'),
    intent('media.pause', '(pause|stop) [the] music', 'pause'),
    intent('media.next', '(next|skip) [this] (song|track)', 'skip'),
    intent('media.previous', '(previous|last) (song|track)'),
    intent('cover.open', '(open|raise) [the] [{room}] (blinds|curtains|shutters|garage door)'),
    intent('cover.close', '(close|lower|shut) [the] [{room}] (blinds|curtains|shutters|garage door)'),
    intent(
      'climate.set',
      '(set|turn) [the] [{room}] (temperature|heating|thermostat) to {degrees} [degrees]',
    ),
    intent('list.add', '(add|put) {anything:item} (to|on) [the|my] shopping list'),
    intent('stop', '(stop|cancel|never mind|nevermind|forget it)'),
    intent('command', '{command}'),
  ],
};
