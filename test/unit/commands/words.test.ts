import { execFile, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { thisProcess } from '../../../src/files/running-process.js';
import { wavOf } from '../../../src/files/wav-header.js';
import { catnap } from '../../support/cli.js';
import { writeMicrophoneShim } from '../../support/microphone-shim.js';
import { goldenPcm } from '../../support/recordings.js';
import { voiceRecording } from '../../support/replay.js';
import { createShims } from '../../support/shims.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { root } from '../../support/tools.js';

const TRAINED = 'alexa\ncomputer\njarvis\nsmart_mirror\nsnowboy\nview_glass\n';

/** A configuration with a comment that must survive, which names words or none. */
function configured(words?: string): string {
  const file = join(temporaryFolder(), 'catnap.yaml');
  const named =
    words === undefined ? '' : `cascades: { voice: { kind: voice, tiny: { words: ${words} } } }\n`;
  writeFileSync(file, `# the kitchen\nsources: [{ id: kitchen, kind: microphone }]\n${named}`);
  return file;
}

/** A folder of three recordings of one word. */
function saidThrice(): string {
  const folder = temporaryFolder();
  const said = wavOf(16_000, goldenPcm('settled').slice(30_000, 49_000));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.wav`), said);
  return folder;
}

describe('catnap words', () => {
  it('adds a word, says how it is said, and keeps what stood there', () => {
    const config = configured();
    const { status, stdout } = catnap(['words', 'add', 'hey pumpkin', '--config', config]);
    expect(status).toBe(0);
    expect(stdout).toContain('h eɪ p ʌ m p k ɪ n   (dictionary)');
    expect(readFileSync(config, 'utf8')).toContain('# the kitchen\n');
    expect(stdout).toContain('Beside it alexa, computer, jarvis');
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe(`${TRAINED}hey_pumpkin\n`);
    for (const typed of ['jarvis', 'Hey-Pumpkin'])
      expect(catnap(['words', 'add', typed, '--config', config]).stderr).toContain('listens for it already');
  });

  it('removes it again', () => {
    const config = configured('[{ say: hey pumpkin }]');
    catnap(['words', 'add', 'operator', '--config', config]);
    expect(catnap(['words', 'remove', 'hey_pumpkin', '--config', config]).status).toBe(0);
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe('operator\n');
    expect(catnap(['words', 'remove', 'operator', '--config', config]).stdout).toContain(
      'every trained word again',
    );
  });

  it('removes a word by its label or its spelling, however it is typed', () => {
    const config = configured(
      '[computer, { say: Hey Pumpkin }, { say: go go, name: start }, { say: view glass }]',
    );
    for (const typed of ['hey, pumpkin!', 'Go Go', 'View_Glass', 'Computer'])
      expect(catnap(['words', 'remove', typed, '--config', config]).status).toBe(0);
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe(TRAINED);
  });

  it('takes nothing out unasked of what a configuration says of a word beside listening for it', () => {
    const config = join(temporaryFolder(), 'catnap.yaml');
    const written = `sources: [{ id: kitchen, kind: microphone }]
cascades:
  voice:
    kind: voice
    tiny: { words: [computer, jarvis, { say: hey pumpkin }], wordThresholds: { jarvis: { accept: 0.9, reject: 0.2 } } }
    leadsTo: { Hey Pumpkin: lights, computer: lights }
    wakeActions: { hey_pumpkin: { kind: log } }
  lights: { kind: voice }
`;
    writeFileSync(config, written);
    const remove = (...typed: string[]) => catnap(['words', 'remove', '--config', config, ...typed]);
    const { status, stderr } = remove('hey pumpkin');
    expect(status).toBe(64);
    expect(stderr).toContain(
      'found cascades.voice.leadsTo.Hey Pumpkin: lights and cascades.voice.wakeActions.hey_pumpkin; --anyway takes that out',
    );
    expect(stderr).toContain('WORD_IN_USE');
    expect(readFileSync(config, 'utf8')).toBe(written);

    expect(remove('hey pumpkin', '--anyway').stdout).toContain(
      'Taken out with it: cascades.voice.leadsTo.Hey Pumpkin: lights, cascades.voice.wakeActions.hey_pumpkin.',
    );
    expect(remove('jarvis').stderr).toContain('found cascades.voice.tiny.wordThresholds.jarvis');
    expect(remove('jarvis', '--anyway').status).toBe(0);
    const left = readFileSync(config, 'utf8');
    expect(left).not.toMatch(/pumpkin|jarvis|wordThresholds|wakeActions/i);
    expect(left).toContain('leadsTo: { computer: lights }');
    // The last of the trained words that are named is listened for again, with all of them.
    expect(remove('computer').stdout).toContain('every trained word again');
    expect(readFileSync(config, 'utf8')).toContain('leadsTo: { computer: lights }');
  });

  it('adds a word beside one that is spelt so and has a name of its own', () => {
    const config = configured('[{ say: go go, name: start, accept: 0.7 }]');
    expect(catnap(['words', 'add', 'go go', '--config', config, '--anyway']).status).toBe(0);
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe('start\ngo_go\n');
  });

  it('loses no word where several are added and removed at once', async () => {
    const config = configured();
    const all = ['snowboy', 'computer', 'jarvis', 'alexa'].map((word) => ['remove', word]);
    const changes = [...all, ['add', 'hey pumpkin'], ['add', 'big robot']];
    const run = promisify(execFile);
    await Promise.all(
      changes.map((change) =>
        run(process.execPath, [join(root, 'dist/cli.js'), 'words', ...change, '--config', config]),
      ),
    );
    const listed = catnap(['words', 'list', '--config', config]).stdout.trim().split('\n');
    expect(listed.sort()).toEqual(['big_robot', 'hey_pumpkin', 'smart_mirror', 'view_glass']);
    expect(readdirSync(dirname(config))).toEqual(['catnap.yaml']);
  }, 60_000);

  it('adds a word beside one of another script that is said in IPA', () => {
    const config = configured('[{ say: 你好, ipa: [n i h aʊ] }]');
    const { status, stdout } = catnap(['words', 'add', 'knee how are', '--config', config, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).near.own).toEqual([{ text: '你好', distance: expect.any(Number) }]);
  });

  it('takes out a trained word where none was named, and names those that stay', () => {
    const config = configured();
    expect(catnap(['words', 'remove', 'hi_there', '--config', config]).stderr).toContain(
      'expected one of the words of',
    );
    expect(catnap(['words', 'remove', 'snowboy', '--config', config]).status).toBe(0);
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe(TRAINED.replace('snowboy\n', ''));
  });

  it('refuses what is too short to work before it disappoints', () => {
    const config = configured();
    const before = readFileSync(config, 'utf8');
    const { status, stderr } = catnap(['words', 'add', 'bob', '--config', config]);
    expect(status).toBe(64);
    expect(stderr).toContain('3 sounds are too few');
    expect(stderr).toContain('take "hey bob" or "okay bob"');
    expect(readFileSync(config, 'utf8')).toBe(before);
    expect(catnap(['words', 'add', 'bob', '--anyway', '--config', config]).status).toBe(0);
  });

  it('refuses what takes longer to say than a word is listened for', () => {
    const phrase = 'good morning my friends in the kitchen and everybody else';
    const { status, stderr } = catnap(['words', 'add', phrase, '--config', configured()]);
    expect(status).toBe(64);
    expect(stderr).toMatch(/\d+ sounds are too many: .*; take another one/);
  });

  it('labels a word by its letters, whatever signs and blanks were typed', () => {
    const config = configured();
    const added = (phrase: string) => catnap(['words', 'add', phrase, '--config', config]).stdout;
    expect(added(' Rock  & Roll! ')).toContain('its label in events is rock_roll.');
    expect(added("O'Malley's cat")).toContain('its label in events is omalleys_cat.');
    expect(readFileSync(config, 'utf8')).toContain('{ say: Rock & Roll! }');
  });

  it('refuses what is no word, is there already, or has takes that are not there, and says so', () => {
    const config = configured();
    catnap(['words', 'add', 'hey pumpkin', '--config', config]);
    const before = readFileSync(config, 'utf8');
    const refused = (...words: readonly string[]) => {
      const { status, stderr } = catnap(['words', 'add', ...words, '--config', config]);
      return [status, stderr];
    };
    expect(refused('')).toEqual([64, expect.stringContaining('expected a word or phrase in letters')]);
    expect(refused('Hey  Pumpkin')).toEqual([64, expect.stringContaining('listens for it already')]);
    expect(refused('foo', '--sounds-like', '')).toEqual([
      64,
      expect.stringContaining('expected Latin letters, found nothing'),
    ]);
    expect(refused('operator', '--takes', 'nowhere')).toEqual([
      66,
      expect.stringContaining('expected a folder of recordings'),
    ]);
    expect(readFileSync(config, 'utf8')).toBe(before);
  });

  it('says what a configuration has wrong about its words', () => {
    const config = configured();
    const words = '[{ say: "" }, { say: operator }, { say: Operator }, { name: maja, takes: ./nowhere }]';
    writeFileSync(
      config,
      `sources: [{ id: k, kind: microphone }]\ncascades: { voice: { kind: voice, tiny: { words: ${words} } } }\n`,
    );
    expect(catnap(['words', 'list', '--config', config]).stderr).toContain('a word or phrase in letters');
    writeFileSync(config, readFileSync(config, 'utf8').replace('{ say: "" }, ', ''));
    const { status, stderr } = catnap(['words', 'list', '--config', config]);
    expect(status).toBe(78);
    expect(stderr).toContain('expected each word once, found "operator" again');
    writeFileSync(config, readFileSync(config, 'utf8').replace('{ say: Operator }, ', ''));
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe('operator\nmaja\n');
    expect(catnap(['run', config]).stderr).toContain('takes: expected a folder of recordings, found none at');
    const unsaid = catnap(['run', configured('[{ say: 你好 }]')]);
    expect([unsaid.status, unsaid.stderr]).toEqual([
      78,
      expect.stringContaining('tiny.words: word "你好": expected Latin letters'),
    ]);
  });

  it('takes recordings of a word, leaves out what is something else, and keeps them private', () => {
    const config = configured('[alexa, computer]');
    const from = temporaryFolder();
    for (const name of ['a', 'b', 'c']) copyFileSync(voiceRecording('settled'), join(from, `${name}.wav`));
    copyFileSync(voiceRecording('noises'), join(from, 'd.wav'));
    const { status, stdout } = catnap(['words', 'record', 'alexa', '--from', from, '--config', config]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Left out take ${join(from, 'd.wav')}: expected`);
    const takes = join(dirname(config), 'takes/alexa');
    expect(readdirSync(takes)).toEqual(['01.wav', '02.wav', '03.wav']);
    expect(statSync(takes).mode & 0o077).toBe(0);
    expect(statSync(join(takes, '01.wav')).mode & 0o077).toBe(0);
    expect(readFileSync(config, 'utf8')).toMatch(
      /words: \[ \{ say: alexa, takes: \.\/takes\/alexa, .*computer \]/,
    );
    const removed = catnap(['words', 'remove', 'alexa', '--config', config]);
    expect(removed.stdout).toContain(`3 takes in ${takes} deleted`);
    expect(existsSync(takes)).toBe(false);
    expect(catnap(['words', 'record', 'alexa', '--from', from, '--config', config]).status).toBe(0);
    const refused = catnap(['words', 'record', 'alexa', '--from', takes, '--takes', '2', '--config', config]);
    expect(refused.status).toBe(64);
  });

  it('says of each file why it is no take, and hears no more of a long one than a word takes', () => {
    const config = configured();
    const from = saidThrice();
    const record = () => catnap(['words', 'record', 'alexa', '--from', from, '--config', config]);
    writeFileSync(join(from, 'empty.wav'), '');
    writeFileSync(join(from, 'song.wav'), 'ID3 and so on');
    const quarterHour = new Int16Array(15 * 60 * 16_000);
    quarterHour.set(goldenPcm('settled').slice(30_000, 49_000));
    writeFileSync(join(from, 'c.wav'), wavOf(16_000, quarterHour));
    const { status, stdout } = record();
    expect(status).toBe(0);
    expect(stdout).toContain(`Left out ${join(from, 'empty.wav')}: expected WAV`);
    expect(stdout).toContain(`found an empty file.\n`);
    expect(stdout).toContain(`Left out ${join(from, 'song.wav')}: expected WAV`);
    expect(stdout).toContain('3 takes in ');
    for (const take of ['a', 'b', 'c']) writeFileSync(join(from, `${take}.wav`), '');
    const none = record();
    expect(none.status).toBe(65);
    expect(none.stderr).toContain(`found 0 that agree; ${join(from, 'a.wav')}: expected WAV`);
    expect(none.stderr).toContain('; and 2 more');
  });

  it('listens for a word without a spelling by its takes', () => {
    const config = configured('[computer]');
    const from = saidThrice();
    const record = ['words', 'record', 'hoi', '--unspelt', '--from', from, '--config', config];
    const { stdout } = catnap(record);
    expect(stdout).toMatch(/note: 6 sounds are few/);
    expect(readFileSync(config, 'utf8')).toMatch(/name: hoi, takes: \.\/takes\/hoi, accept: 0\.9 /);
    expect(catnap(['words', 'try', 'hoi', join(from, 'a.wav'), '--config', config]).stdout).toContain(
      ': heard',
    );
  });

  it('keeps takes of a word in any script, and of one that begins with a digit', () => {
    const config = configured('[computer]');
    const from = saidThrice();
    for (const [word, label] of [
      ['नमस्ते', 'नमस्ते'],
      ['9 lives', '9_lives'],
    ] as const) {
      const record = ['words', 'record', word, '--unspelt', '--from', from, '--config', config];
      expect(catnap(record).stdout).toContain(`its label in events is ${label}.`);
      expect(readdirSync(join(dirname(config), 'takes', label))).toHaveLength(3);
    }
    expect(catnap(['words', 'list', '--config', config]).stdout).toBe('computer\nनमस्ते\n9_lives\n');
    const long = catnap(['words', 'record', 'a'.repeat(300), '--from', from, '--config', config]);
    expect([long.status, long.stderr]).toEqual([64, expect.stringContaining('expected at most 60 letters')]);
  });

  it('leaves takes as they are where new ones cannot be written, and removes what was killed half done', () => {
    const config = configured('[computer]');
    const [from, takes] = [saidThrice(), join(dirname(config), 'takes')];
    const record = () => catnap(['words', 'record', 'hoi', '--unspelt', '--from', from, '--config', config]);
    writeFileSync(takes, 'in the way');
    const { status, stderr } = record();
    expect([status, stderr]).toEqual([73, expect.stringContaining('expected to write recordings')]);
    rmSync(takes);
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(takes, `.${gone}-1-abcdef`), { recursive: true });
    // Its id is another process's now, as within a container.
    mkdirSync(join(takes, `.${process.pid}-1-abcdef`));
    mkdirSync(join(takes, `.${thisProcess()}-abcdef`));
    expect(record().status).toBe(0);
    expect(readdirSync(takes)).toEqual([`.${thisProcess()}-abcdef`, 'hoi']);
  });

  it('says what to expect, and takes how a word sounds in other words', () => {
    const config = configured();
    const { stdout } = catnap([
      ...['words', 'add', 'kahvipannu', '--sounds-like', 'cah vee pan new', '--json', '--config', config],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      expected: { missedShare: 0.02, falseAcceptsPerHour: 0.1, basis: expect.stringContaining('recordings') },
    });
    expect(readFileSync(config, 'utf8')).toContain('ipa:');
  });

  it('says what else sounds like a word, in English and among the words that are listened for', () => {
    const config = configured();
    const { stdout } = catnap(['words', 'add', 'hey pumpkin', '--config', config]);
    expect(stdout).toMatch(/Note: sounds like .*"pumpkin".*, which may wake it/);
    expect(stdout).toMatch(/Note: sounds like .*"(hey|a) pump \w+"/);
    const short = catnap(['words', 'add', 'hey pum', '--config', config, '--json']);
    expect(JSON.parse(short.stdout).near.own).toEqual([
      { text: 'hey pumpkin', distance: expect.any(Number) },
    ]);
  });

  it('hears the room, believes a word from where the room does not reach, and says what the time allows', () => {
    const config = configured('[{ say: alexander }, { say: hey pumpkin }]');
    const room = ['--from', voiceRecording('settled'), '--config', config];
    const { stdout } = catnap(['words', 'listen', ...room]);
    expect(stdout).toMatch(
      /alexander: something came into question (once|\d times), the surest of them 0\.\d\d/,
    );
    expect(stdout).toMatch(/hey_pumpkin: something came into question 0 times/);
    expect(stdout).toMatch(/0 false accepts with that here: this time allows up to \d+\.\d an hour/);
    // A word that everybody says in this room.
    catnap(['words', 'add', 'alexa', '--config', config]);
    const said = catnap(['words', 'listen', ...room, '--word', 'alexa', '--json']);
    const [alexa] = JSON.parse(said.stdout).words;
    expect(alexa).toMatchObject({ name: 'alexa', before: 0.5, accept: 0.9 });
    expect(readFileSync(config, 'utf8')).toMatch(/say: alexa, accept: 0\.9/);
    expect(catnap(['words', 'listen', '--config', config, '--word', 'bob']).status).toBe(64);
  });

  it('hears the room through its microphone, as long as it is asked to', () => {
    const shims = createShims();
    try {
      writeMicrophoneShim(shims, goldenPcm('settled'));
      const config = configured('[{ say: alexa }]');
      const { stdout } = catnap(['words', 'listen', '--for', '8s', '--config', config, '--json']);
      const { hours, words } = JSON.parse(stdout);
      expect(hours * 3600).toBeCloseTo(8, 0);
      expect(words).toMatchObject([{ name: 'alexa', accept: 0.9 }]);
    } finally {
      shims.restore();
    }
  });

  it('tries a word on recordings', () => {
    const { stdout } = catnap(['words', 'try', 'alexa', voiceRecording('settled'), voiceRecording('noises')]);
    expect(stdout).toMatch(
      /settled\.wav: heard, confidence \d\.\d\d \(believed from 0\.5\)\n.*noises\.wav: not heard/,
    );
  });
});
