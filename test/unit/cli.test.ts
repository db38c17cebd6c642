import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { catnap } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const node = process.execPath;

/** Runs a command line; the exit status is that of the first program of a pipe to fail. */
function shell(line: string): { status: number | null; stderr: string } {
  return spawnSync('bash', ['-o', 'pipefail', '-c', line], { cwd: root, encoding: 'utf8', timeout: 60_000 });
}

describe('catnap', () => {
  it('ends with 64 and the help for a command it does not know', () => {
    const { status, stderr } = catnap(['nonsense']);
    expect(status).toBe(64);
    expect(stderr).toContain('Usage: catnap');
  });

  it.each([
    ['schema config', 'head -c 10'],
    ['doctor', 'head -1'],
    ['replay fixtures/voice/two-words.wav', 'head -c 10'],
  ])('%s ends well when its reader has seen enough', (command, reader) => {
    const { status, stderr } = shell(`${node} dist/cli.js ${command} | ${reader}`);
    expect(stderr).not.toContain('EPIPE');
    expect(status).toBe(0);
  });

  it.each(['doctor', 'replay fixtures/voice/settled.wav'])(
    '%s does not call a full disk a success',
    (command) => {
      const { status, stderr } = shell(`${node} dist/cli.js ${command} > /dev/full`);
      expect(stderr).toMatch(
        /^catnap: standard output: expected to write there, found ENOSPC: no space left/m,
      );
      expect(status).toBe(74);
    },
  );

  it.each([
    [
      'a full disk',
      '> /dev/full',
      /standard output: expected to print events there, found ENOSPC.*; it goes on without/,
    ],
    [
      'a reader that is gone',
      '| true',
      /standard output: expected to print events there, found .*EPIPE; it goes on without/,
    ],
  ])('run goes on in front of %s, and says so', (_, output, told) => {
    const folder = temporaryFolder();
    const config = join(folder, 'catnap.yaml');
    const recording = join(root, 'fixtures/demo/pump.bridge');
    writeFileSync(
      config,
      `stateDir: state\nsources: [{ id: pump, kind: serial-recording, path: ${recording}, speed: 1000 }]\ndashboard: { enabled: false }\n`,
    );
    const { status, stderr } = shell(`${node} dist/cli.js run ${config} ${output}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(told) });
    expect(catnap(['events', '--state', join(folder, 'state')]).stdout).toContain('offline');
  });

  it('says that it may open too few files', () => {
    const { status, stderr } = shell(`ulimit -n 24; ${node} dist/cli.js run none.yaml`);
    expect(stderr).toMatch(/^catnap: Error: EMFILE: too many open files.*\n {2}-> Allow it more open files/);
    expect(status).toBe(69);
  });

  it.each([
    ['init', ['init', '--yes', '/nowhere/catnap.yaml']],
    ['record', ['record', '/nowhere/a.wav']],
    ['replay', ['replay', 'fixtures/demo/pump.bridge', '--picture', '/nowhere/a.svg']],
    ['tune', ['tune', '--journal', '--svg', '/nowhere/a.svg']],
  ])('%s says where it cannot write, with 73', (_, args) => {
    const { status, stderr } = catnap(args);
    expect(stderr).toMatch(/^catnap: \/nowhere\/\S+: expected to write a file there, found ENOENT/);
    expect(status).toBe(73);
  });

  it('says once what is wrong with a configuration that is not there, and what to do', () => {
    const { status, stderr } = catnap(['run', 'none.yaml']);
    expect(stderr).toBe(
      'catnap: config none.yaml: expected a readable file, found none\n' +
        '  -> Check the path and its permissions; `catnap init` writes a configuration. (CONFIG_UNREADABLE)\n',
    );
    expect(status).toBe(78);
  });

  it.each([
    ['bench wake --data nowhere --every 0', '--every', 'a whole number of at least 1'],
    ['bench endpoint --data nowhere --snr loud', '--snr', 'a number'],
    ['bench bridge --baud fast', '--baud', 'a whole number of at least 1'],
    ['events --limit 1.5', '--limit', 'a whole number of at least 1'],
    ['cloud-emulator --port 70000', '--port', 'a port from 0 to 65535'],
  ])('%s is refused before anything begins, with what %s takes', (line, option, expected) => {
    const { status, stdout, stderr } = catnap(line.split(' '));
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(option);
    expect(stderr).toContain(`expected ${expected}`);
  });

  it.each([
    ['events', 'journal'],
    ['events --audit', 'uplink'],
    ['outbox list', 'uplink'],
    ['outbox retry', 'uplink'],
    ['shadow', 'journal'],
  ])('%s says where it looked for what nobody kept', (line, folder) => {
    const { status, stderr } = catnap([...line.split(' '), '--state', '/nowhere']);
    expect(stderr).toMatch(`catnap: /nowhere/${folder}: expected what \`catnap run\` keeps, found nothing`);
    expect(status).toBe(66);
  });
});

describe('a slip', () => {
  const at = 'mqtt://127.0.0.1:1';

  it.each([
    ['fleet list --broker nowhere', 64, '--broker: expected an address with its scheme'],
    ['worker --broker http://box', 64, '--broker: expected an address that begins with mqtt://'],
    [`fleet list --broker ${at} --password p`, 64, '--username: expected a username beside the password'],
    [
      `fleet list --broker ${at} --username u --password \${NOBODY}`,
      64,
      '--password: expected the environment',
    ],
    [`fleet list --broker ${at} --ca none.pem`, 66, 'none.pem: expected a readable file, found none'],
    [`fleet roll-out none.yaml --broker ${at}`, 66, 'none.yaml: expected a readable file, found none'],
    ['learn import pump .', 66, '.: expected a readable file, found a folder'],
    ['run .', 78, 'config .: expected a readable file, found a folder'],
    ['run --demo catnap.yaml', 64, '--demo: expected no configuration beside it, found catnap.yaml'],
    ['faults list pump', 66, 'pump.faults.json: expected a confirmed fault, found none yet'],
    ['bench simulate --faults storm', 64, 'expected names among'],
    ['bench sensors --data none', 66, 'none: expected recordings in sensors/skab or sensors/nab'],
    ['bench wake --data none', 66, 'none: expected at least one of wake.csv'],
    ['events --state file', 66, 'file/journal: expected what `catnap run` keeps, found ENOTDIR'],
    ['events export file', 64, 'file: expected a new or an empty folder'],
  ])('`%s` ends with %i and says what was expected', (line, expected, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'file'), '');
    const { status, stderr } = catnap(line.split(' '), { cwd });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(expected);
    expect(readdirSync(cwd)).toEqual(['file']);
  });

  it('in the takes of a word leaves no folder behind', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'catnap.yaml'), 'sources: [{ id: kitchen, kind: microphone }]');
    const { status, stderr } = catnap(['words', 'record', 'hey pumpkin', '--from', cwd], { cwd });
    expect(stderr).toContain('expected WAV, FLAC or Ogg recordings, found none');
    expect(status).toBe(66);
    expect(readdirSync(cwd)).toEqual(['catnap.yaml']);
  });

  it('in the kind of a recording to be drawn is told before it is heard', () => {
    const wav = join(root, 'fixtures/voice/two-words.wav');
    const { status, stdout, stderr } = catnap(['replay', wav, '--picture', 'x.svg'], {
      cwd: temporaryFolder(),
    });
    expect(stderr).toContain('--picture: expected a slow sensor signal with rows, found none in');
    expect([status, stdout]).toEqual([64, '']);
  });
});

describe('catnap init', () => {
  it('--yes writes a commented configuration that loads', () => {
    const cwd = temporaryFolder();
    expect(catnap(['init', '--yes'], { cwd }).status).toBe(0);
    const file = join(cwd, 'catnap.yaml');
    expect(loadConfig(file).sources).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Secrets never|^# Catnap/m);
  });

  it('leaves an existing file alone unless forced, and nothing half-written', () => {
    const cwd = temporaryFolder();
    catnap(['init', '--yes'], { cwd });
    const again = catnap(['init', '--yes'], { cwd });
    expect(again.status).toBe(64);
    expect(again.stderr).toContain('expected catnap.yaml not to exist');
    expect(readdirSync(cwd)).toEqual(['catnap.yaml']);
    expect(catnap(['init', '--yes', '--force', '--json'], { cwd }).status).toBe(0);
  });

  it('asks for a terminal when there is none', () => {
    const { status, stderr } = catnap(['init'], { cwd: temporaryFolder() });
    expect(status).toBe(64);
    expect(stderr).toContain('--yes');
  });
});
