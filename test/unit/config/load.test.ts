import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  type ConfigIssue,
  loadConfig,
  needsNothing,
  parseConfig,
} from '../../../src/config/load.js';
import { exitCodeOf } from '../../../src/core/errors.js';
import { MODELS_FOLDER } from '../../../src/models/package-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function issuesOf(text: string): readonly ConfigIssue[] {
  try {
    parseConfig(text, 'catnap.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('expected the config to be refused');
}

describe('config', () => {
  it('is complete from one line: the rest has defaults', () => {
    const config = parseConfig('sources: [{id: mic, kind: microphone}]', 'catnap.yaml');
    expect(config.sources[0]).toMatchObject({ id: 'mic', cascade: 'voice', recorder: 'arecord' });
    expect(config.cascades.voice).toMatchObject({ kind: 'voice', tiny: { model: 'wake-tiny' } });
    expect(config.dashboard.host).toBe('127.0.0.1');
  });

  it('reports every error at once, with file, line, path, expected and found', () => {
    const issues = issuesOf(
      ['sources:', '  - id: mic', '    kind: microfone', 'dashboard:', '  port: "eighty"', '  hosst: x'].join(
        '\n',
      ),
    );
    expect(issues.map(({ line, path }) => [line, path])).toEqual([
      [3, 'sources.0.kind'],
      [5, 'dashboard.port'],
      [6, 'dashboard.hosst'],
    ]);
    expect(issues[0]?.message).toMatch(/expected one of microphone, .*found "microfone"/);
    expect(issues[1]?.message).toBe('expected number, found "eighty"');
    expect(issues[2]?.message).toBe('unknown key; did you mean "host"?');
  });

  it('suggests keys of the right kind inside a union', () => {
    const issues = issuesOf(
      'sources: [{id: a, kind: microphone}]\ncascades:\n  mine:\n    kind: voice\n    tinny: {}\n',
    );
    expect(issues[0]).toMatchObject({ line: 5, message: 'unknown key; did you mean "tiny"?' });
  });

  it('says what is wrong with the settings of a stage where they stand', () => {
    const issues = issuesOf(`sources: [{id: a, kind: stdin}]
cascades:
  mine:
    kind: voice
    tiny: { model: { kind: module, option: 1 } }
    heavy: { model: 7 }
    utterance: { endpoint: silent }
  theirs: { kind: sensor, tiny: { model: anomaly } }
`);
    expect(issues.map(({ path, line, message }) => [path, line, message])).toEqual([
      ['cascades.mine.tiny.model.path', 5, 'expected string, found nothing'],
      ['cascades.mine.tiny.model.option', 5, expect.stringContaining('unknown key')],
      ['cascades.mine.heavy.model', 6, 'expected string or object, found 7'],
      ['cascades.mine.utterance.endpoint', 7, 'expected "silero" or "level", found "silent"'],
      ['cascades.theirs.tiny.model', 8, 'expected "anomaly-tiny", found "anomaly"'],
    ]);
  });

  it.each([
    [
      'tiny: {model: wake-tinny}',
      'tiny.model',
      /model wake-tinny: expected one of .*wake-tiny.* or the path of a manifest/,
    ],
    ['tiny: {model: ./gone/manifest.json}', 'tiny.model', /expected a readable file at .*gone/],
    ['tiny: {model: wake-heavy}', 'tiny.model', /expected one of kind wake-tiny, found kind wake-heavy/],
    [
      'heavy: {model: commands}',
      'heavy.model',
      /model commands: expected one of kind wake-heavy or wake-tiny/,
    ],
    [
      'recogniser: {models: [wake-tiny]}',
      'recogniser.models.0',
      /model wake-tiny: expected one of kind commands/,
    ],
    ['tiny: {words: [alexa, hey jarvis]}', 'tiny.words.1', /found "hey jarvis"; did you mean "jarvis"\?/],
    [
      'gate: {lowestFloorDb: -20}',
      'gate.lowestFloorDb',
      /at most -40 dBFS, found -14: the gate would stay shut/,
    ],
  ])('finds a cascade that could not start, or hear: %s', (part, path, says) => {
    const text = `sources: [{id: a, kind: stdin, cascade: mine}]
cascades:
  mine:
    kind: voice
    ${part}`;
    expect(issuesOf(text)).toMatchObject([
      { line: 5, path: `cascades.mine.${path}`, message: expect.stringMatching(says) },
    ]);
  });

  it('refuses an action that could not be done, and a placeholder that nothing is known of', () => {
    const house = (actions: string, action: string) => `actions: { ${actions} }
sources: [{ id: mic, kind: stdin }]
intents:
  lists: { size: [small, large] }
  sentences:
    - intent: coffee.start
      sentences: ['make a {size} coffee']
      action: ${action}`;
    const broker = 'mqttUrl: "mqtt://127.0.0.1"';
    const coffee = (payload: string) => `{ kind: mqtt, topic: coffee, payload: '${payload}' }`;
    expect(() => parseConfig(house(broker, coffee('{size} {source} {at}')), 'c')).not.toThrow();
    for (const [actions, action, message] of [
      [
        'dryRun: false',
        coffee('{size}'),
        /expected actions.mqttUrl or home.mqtt to name the broker, found none/,
      ],
      [broker, coffee('{sise}'), /found \{sise\}; did you mean "size"\?/],
      ['dryRun: false', '{ kind: serial, source: mik, command: on }', /found "mik"; did you mean "mic"\?/],
    ] as const)
      expect(issuesOf(house(actions, action))).toMatchObject([
        {
          line: 8,
          path: expect.stringMatching(/^intents.sentences.0.action/),
          message: expect.stringMatching(message),
        },
      ]);
    expect(issuesOf(house(`${broker}, mqttCaFile: ./gone.pem`, coffee('on')))).toMatchObject([
      { line: 1, path: 'actions.mqttCaFile', message: expect.stringMatching(/gone.pem, found none/) },
    ]);
  });

  it('refuses an action of a word that is not listened for, and a fault answered by no intent', () => {
    const cascades = (voice: string, sensor: string) => `sources: [{ id: mic, kind: stdin }]
cascades: { voice: { kind: voice, ${voice} }, sensor: { kind: sensor, ${sensor} } }`;
    const words =
      "tiny: { words: [Alexa, { say: hey house }] }, wakeActions: { alexa: { kind: log }, 'hey house': { kind: log } }";
    const faults = 'faults: { anomaly: { kind: log }, valve: light.on }, allClear: { kind: log }';
    expect(() => parseConfig(cascades(words, faults), 'c')).not.toThrow();
    expect(
      issuesOf(
        cascades(
          'tiny: { words: [alexa] }, wakeActions: { computer: { kind: log } }',
          'faults: { valve: light.onn }',
        ),
      ),
    ).toMatchObject([
      {
        path: 'cascades.voice.wakeActions.computer',
        message: 'expected a word that is listened for, found "computer"; known here: alexa',
      },
      {
        path: 'cascades.sensor.faults.valve',
        message: expect.stringMatching(/found "light.onn"; did you mean "light.on"/),
      },
    ]);
  });

  it('finds the state folder, as every path, from where it stands', () => {
    const folder = temporaryFolder();
    for (const [text, state] of [
      ['', 'catnap-state'],
      ['stateDir: memory\n', 'memory'],
      ['stateDir: /var/lib/catnap\n', '/var/lib/catnap'],
    ] as const) {
      const file = join(folder, 'house.yaml');
      writeFileSync(file, `${text}sources: [{ id: mic, kind: microphone }]`);
      expect(loadConfig(file).stateDir).toBe(state.startsWith('/') ? state : join(folder, state));
    }
  });

  it('refuses two sources of one name and a cascade that does not exist', () => {
    const issues = issuesOf('sources:\n - {id: a, kind: stdin}\n - {id: a, kind: stdin, cascade: nope}\n');
    expect(issues.map(({ path }) => path)).toEqual(['sources.1.cascade', 'sources.1.id']);
  });

  it('refuses two providers of one name', () => {
    const provider = "{ kind: plain, name: cloud, url: 'ws://127.0.0.1' }";
    const issues = issuesOf(
      `sources:\n - {id: a, kind: stdin}\nuplink: { providers: [${provider}, ${provider}] }\n`,
    );
    expect(issues).toMatchObject([
      { path: 'uplink.providers.1.name', message: 'expected a unique name, found "cloud" twice' },
    ]);
  });

  it('takes secrets from the environment or a file and never shows them', () => {
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, 'from-a-file-long-1\n');
    const text = (token: string) => `sources: [{id: a, kind: stdin}]\ndashboard: {token: "${token}"}`;
    expect(parseConfig(text('${TOKEN}'), 'c', { TOKEN: 'hush-hush-hush-1' }).dashboard.token).toBe(
      'hush-hush-hush-1',
    );
    expect(parseConfig(text(`\${file:${file}}`), 'c').dashboard.token).toBe('from-a-file-long-1');
    const issues = issuesOf(text('${UNSET}'));
    expect(issues[0]?.message).toContain('environment variable UNSET');
    expect(issues).toHaveLength(1);
    expect(() => parseConfig(text('${TOKEN}'), 'c', { TOKEN: 'short' })).toThrow(/found "\$\{TOKEN\}"/);
  });

  it('leaves secrets that are read again where they stand, and finds their files from its own folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'key'), 'sk-1\n');
    const text = (secret: string) =>
      `sources: [{id: a, kind: stdin}]\nuplink: {providers: [{kind: plain, name: c, url: 'ws://h', secret: ${secret}}]}`;
    const secretOf = (written: string, env = {}) =>
      (parseConfig(text(written), join(folder, 'c.yaml'), env).uplink.providers[0] as { secret?: unknown })
        .secret;
    expect(secretOf('"${file:key}"')).toBe('${file:key}');
    expect(secretOf('"${KEY}"', { KEY: 'sk-2' })).toBe('${KEY}');
    expect(secretOf('{ env: KEY }', { KEY: 'sk-2' }), 'as earlier versions wrote it').toBe('${KEY}');
    expect(secretOf('{ file: key }'), 'as earlier versions wrote it').toBe('${file:key}');
  });

  it.each([
    ["password: 'p'", 'home.mqtt.username: expected a username beside the password, found none'],
    ['certFile: c.pem', 'home.mqtt.keyFile: expected both certFile and keyFile, found one'],
  ])('refuses half of what a broker asks for: %s', (half, message) => {
    const text = `sources: [{id: m, kind: microphone}]\nhome: {mqtt: {url: 'mqtt://h', ${half}}}`;
    expect(issuesOf(text).map(({ path, message: said }) => `${path}: ${said}`)).toContain(message);
  });

  it.each([
    ['actions.mqttUsername', "actions: {mqttUrl: 'mqtt://h', mqttPassword: p}"],
    [
      'sources.1.username',
      "  - {id: p, kind: mqtt, url: 'mqtt://h', topic: t, rateHz: 1, password: p, channels: [{name: f, unit: L}]}",
    ],
  ])('refuses a password for nobody: %s', (path, half) => {
    const told = issuesOf(`sources:\n  - {id: m, kind: microphone}\n${half}`);
    expect(told.map((issue) => `${issue.path}: ${issue.message}`)).toEqual([
      `${path}: expected a username beside the password, found none`,
    ]);
  });

  it('knows a secret that is missing, with line and place, wherever it is read later', () => {
    const text = `sources:
  - {id: pump, kind: mqtt, url: 'mqtt://h', topic: t, rateHz: 1, username: u, password: '\${file:no/such}', channels: [{name: flow, unit: L}]}
actions: {mqttUsername: u, mqttPassword: '\${UNSET_A}'}
uplink:
  providers:
    - {kind: plain, name: cloud, url: 'ws://h', secret: '\${UNSET_B}'}
    - {kind: openai-realtime}`;
    const told = issuesOf(text).map(({ line, path, message }) => `${line} ${path}: ${message}`);
    expect(told).toEqual([
      expect.stringMatching(/^2 sources\.0\.password: expected a readable file at .*\/no\/such, found none$/),
      '3 actions.mqttPassword: expected the environment variable UNSET_A, found it unset',
      '6 uplink.providers.0.secret: expected the environment variable UNSET_B, found it unset',
      '7 uplink.providers.1.secret: expected the environment variable OPENAI_API_KEY, found it unset',
    ]);
    const later: string[] = [];
    parseConfig(text, 'c', {}, (_, { path }) => {
      later.push(path);
      return 'passed-over';
    });
    expect(later).toHaveLength(told.length);
  });

  it('knows a recording that is missing, with line and place, unless only the settings are read', () => {
    const text = `sources:
  - {id: a, kind: file, path: none.wav}
  - {id: b, kind: csv, path: none.csv}
  - {id: c, kind: serial-recording, path: none.bridge}`;
    const told = issuesOf(text).map(({ line, path, message }) => `${line} ${path}: ${message}`);
    expect(told).toEqual(
      ['wav', 'csv', 'bridge'].map((ending, index) =>
        expect.stringMatching(
          `^${index + 2} sources.${index}.path: expected a file at .*/none.${ending}, found none$`,
        ),
      ),
    );
    expect(parseConfig(text, 'c', {}, needsNothing).sources).toHaveLength(3);
  });

  it('never shows a secret that stands in the file, whatever is wrong with it', () => {
    const provider = (rest: string) => `uplink: {providers: [{kind: plain, name: cloud, ${rest}}]}`;
    const wrong: readonly (readonly [text: string, said: RegExp])[] = [
      [
        'dashboard: {token: hunter-2}',
        /dashboard.token: expected at least 16, found a value that is not shown/,
      ],
      ['dashboard: {token: 481516}', /expected string, found a value that is not shown/],
      ['dashboard: {token: *hunter-2}', /expected an anchor before each alias/],
      ['dashboard: {token: "${hunter-2}"}', /expected the name of an environment variable/],
      [
        provider("url: 'ws://h', secret: hunter-2"),
        /secret: expected where .* \$\{NAME\} or \$\{file:PATH\}.*not shown/,
      ],
      [
        provider("url: 'ws://h', secret: {env: hunter-2}"),
        /secret: expected where the secret stands: .*, found a mapping/,
      ],
      [
        provider("url: 'http://me:hunter-2@h'"),
        /url: expected an address that begins with .*, found a value that is not shown/,
      ],
      [
        "actions: {mqttUrl: 'http://me:hunter-2@h'}",
        /actions.mqttUrl: expected an address that begins with mqtt:.*, found a value/,
      ],
    ];
    for (const [text, said] of wrong) {
      const [issue, ...rest] = issuesOf(`sources: [{id: a, kind: stdin}]\n${text}`);
      expect(rest).toEqual([]);
      expect(`${issue?.path}: ${issue?.message}`).toMatch(said);
      expect(issue?.message).not.toMatch(/hunter-2|481516/);
    }
  });

  it('says what an empty file lacks', () => {
    expect(() => parseConfig('', 'catnap.yaml')).toThrow(
      'catnap.yaml: sources: expected at least 1, or home.wyoming that serves, found none',
    );
  });

  it('is one document', () => {
    expect(issuesOf('sources: [{ id: mic, kind: microphone }]\n---\nsources: []')).toEqual([
      {
        file: 'catnap.yaml',
        line: 2,
        column: 1,
        path: '',
        message: 'expected one document, found another behind "---"',
      },
    ]);
  });

  it('names the line that is of another encoding than UTF-8', () => {
    const file = join(temporaryFolder(), 'catnap.yaml');
    const lines = '# Küche\nname: Küche\n';
    writeFileSync(file, Buffer.concat([Buffer.from('# Küche\n'), Buffer.from(lines, 'latin1')]));
    expect(() => loadConfig(file)).toThrow(`${file}:2:1 (top): expected UTF-8, found other bytes`);
  });

  it('needs no source where it serves others', () => {
    expect(parseConfig('home: { wyoming: {} }', 'catnap.yaml').sources).toEqual([]);
  });

  it('finds the models that it names by a path from where it stands', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'catnap.yaml');
    for (const [model, path] of [
      ['wake-tiny', 'mine/manifest.json'],
      ['commands', 'a/b.json'],
    ] as const) {
      mkdirSync(dirname(join(folder, path)));
      copyFileSync(`${MODELS_FOLDER}${model}/manifest.json`, join(folder, path));
    }
    writeFileSync(
      file,
      `sources: [{id: a, kind: stdin}]
cascades: {voice: {kind: voice, tiny: {model: ./mine/manifest.json}, recogniser: {models: [commands, a/b.json]}}}`,
    );
    expect(loadConfig(file).cascades.voice).toMatchObject({
      tiny: { model: join(folder, 'mine/manifest.json') },
      heavy: { model: 'wake-heavy' },
      recogniser: { models: ['commands', join(folder, 'a/b.json')] },
    });
  });

  it('ends with exit code 78 for YAML that does not parse and a file that is not there', () => {
    for (const attempt of [() => parseConfig('a: [', 'c'), () => loadConfig('/nowhere/catnap.yaml')]) {
      try {
        attempt();
        expect.unreachable();
      } catch (error) {
        expect(exitCodeOf(error)).toBe(78);
      }
    }
  });
});
