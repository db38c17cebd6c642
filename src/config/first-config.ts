import { stringify } from 'yaml';
import type { Answered } from '../core/kind.js';

/** A source or a provider as it is asked for. */
export interface InitThing extends Answered {
  readonly kind: string;
}

/** What `catnap init` asks. */
export interface InitAnswers {
  readonly name: string;
  readonly source: InitThing;
  /** Wake words that were chosen; null: every word the model knows. */
  readonly words: readonly string[] | null;
  /** Null keeps everything on the device. */
  readonly provider: InitThing | null;
  /** Address of the house's MQTT broker; null: it is told nothing. */
  readonly broker: string | null;
}

const value = (text: string): string => stringify(text).trim();

/** A commented configuration with these answers: every other field has a default, shown where people look for it. */
export function renderConfig(answers: InitAnswers): string {
  return `# Catnap configuration. Every field not given here has a default; \`catnap schema config\` prints them all
# as JSON Schema. Secrets never stand in this file: write \${NAME} for an environment variable or
# \${file:PATH} for a file's content.
version: 1
name: ${value(answers.name)}

# Signals to watch. Several may run at once, each with its own cascade.
sources:
${renderThing('id', answers.source, '  ')}
# How signals are judged. \`voice\` and \`sensor\` exist with defaults; change only what differs.
${renderCascades(answers.words)}
# Where events go that the local models are sure of and cannot settle. No provider: nothing leaves the device.
uplink:
${renderUplink(answers.provider)}

# What orders do. The sentences that ship are only told; see the README for one that switches a lamp.
# intents: { sentences: [{ intent: lamp.on, sentences: ["(turn|switch) on the (light|lamp)"], action: { kind: log } }] }
# actions: { dryRun: false, mqttUrl: "mqtt://127.0.0.1:1883" }      # until dryRun is false, nothing is done

# What is heard may be kept on this device, to be played on the page.
# clips: { enabled: true }

# The page with what happens and why. Any host but loopback needs a token.
dashboard:
  host: 127.0.0.1
  port: 8420
  # token: \${CATNAP_DASHBOARD_TOKEN}

# The house: an MQTT broker, and with it Home Assistant, is told what is heard, found and wrong (docs/HOME.md).
${renderHome(answers.broker)}`;
}

function renderHome(broker: string | null): string {
  if (broker === null) return '# home: { mqtt: { url: "mqtt://homeassistant.local:1883" } }\n';
  return `home:
  mqtt:
    url: ${value(broker)}
    # username: catnap
    # password: \${CATNAP_MQTT_PASSWORD}
`;
}

function renderCascades(words: InitAnswers['words']): string {
  const mark = words === null ? '# ' : '';
  const tiny = `tiny: { words: [${(words ?? ['computer']).map(value).join(', ')}] }`;
  return `${mark}cascades:
${mark}  voice:
${mark}    kind: voice
${mark}    ${tiny}      # default: every word the model knows
#     utterance: { maxMs: 8000, endSilenceMs: 700 }
`;
}

function renderUplink(provider: InitThing | null): string {
  if (provider === null) {
    return `  providers: []
  # providers:                       # \`catnap cloud-emulator\` answers here
  #   - { kind: plain, name: cloud, url: "ws://127.0.0.1:8421" }`;
  }
  return `  providers:\n${renderThing('name', provider, '    ')}`;
}

/** One entry of a list; `name` is the setting that holds its id. */
function renderThing(name: 'id' | 'name', { id, kind, settings, notes = {} }: InitThing, indent: string) {
  const lines = Object.entries(settings).map(([setting, text]) => {
    const note = notes[setting];
    return `${indent}  ${setting}: ${value(text)}${note === undefined ? '' : `       # ${note}`}\n`;
  });
  return `${indent}- ${name}: ${value(id)}\n${indent}  kind: ${kind}\n${lines.join('')}`;
}
