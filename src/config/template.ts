import { stringify } from 'yaml';
import type { Answered } from '../core/kind.js';

/** A source as it is asked for. */
export interface InitSource extends Answered {
  readonly kind: string;
}

/** What `catnap init` asks. */
export interface InitAnswers {
  readonly name: string;
  readonly source: InitSource;
  /** WebSocket address of the far end; null keeps everything on the device. */
  readonly cloudUrl: string | null;
}

const value = (text: string): string => stringify(text).trim();

/** A commented configuration with these answers: every other field has a default, shown where people look for it. */
export function renderConfig(answers: InitAnswers): string {
  return `# Catnap configuration. Every field not given here has a default; \`catnap schema config\` prints them all
# as JSON Schema. Secrets never stand in this file: write \${NAME} for an environment variable or
# \${file:/path} for a file's content.
version: 1
name: ${value(answers.name)}

# Signals to watch. Several may run at once, each with its own cascade.
sources:
${renderSource(answers.source)}
# How signals are judged. \`voice\` and \`sensor\` exist with defaults; change only what differs.
# cascades:
#   voice:
#     kind: voice
#     tiny:
#       words: [computer]              # default: every word the model knows
#       thresholds: { accept: 0.8, reject: 0.4 }
#     utterance: { maxMs: 8000, endSilenceMs: 700 }

# Where events go that the local models are sure of and cannot settle. No provider: nothing leaves the device.
uplink:
${renderUplink(answers.cloudUrl)}

# The page with what happens and why. Any host but loopback needs a token.
dashboard:
  host: 127.0.0.1
  port: 8420
  # token: \${CATNAP_DASHBOARD_TOKEN}
`;
}

function renderUplink(cloudUrl: string | null): string {
  if (cloudUrl === null) {
    return `  providers: []
  # providers:                       # \`catnap cloud-emulator\` answers here
  #   - { kind: plain, name: cloud, url: "ws://127.0.0.1:8421" }`;
  }
  return `  providers:
    - kind: plain
      name: cloud
      url: ${value(cloudUrl)}
      # secret: { env: CATNAP_CLOUD_SECRET }   # or { file: /path }; read again when it is refused`;
}

function renderSource({ id, kind, settings, notes = {} }: InitSource): string {
  const lines = Object.entries(settings).map(([name, text]) => {
    const note = notes[name];
    return `    ${name}: ${value(text)}${note === undefined ? '' : `       # ${note}`}\n`;
  });
  return `  - id: ${id}\n    kind: ${kind}\n${lines.join('')}`;
}
