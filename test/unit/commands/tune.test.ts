import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, said, wake } from '../../support/past.js';
import { voiceRecording } from '../../support/replay.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/**
 * Two recordings with a wake word and one without, and a configuration with comments that must survive, and a secret
 * that is not here.
 */
function kitchen(): { readonly data: string; readonly config: string } {
  const folder = temporaryFolder();
  for (const name of ['settled', 'complex', 'noises'])
    copyFileSync(voiceRecording(name), join(folder, `${name}.wav`));
  writeFileSync(
    join(folder, 'wake.csv'),
    'file,keyword,group\nsettled.wav,alexa,ann\ncomplex.wav,computer,ben\n',
  );
  writeFileSync(join(folder, 'noise.csv'), 'file\nnoises.wav\n');
  const config = join(folder, 'catnap.yaml');
  writeFileSync(
    config,
    [
      '# the kitchen',
      'sources: [{ id: kitchen, kind: microphone }]',
      'cascades:',
      '  voice:',
      '    kind: voice',
      '    heavy:',
      '      warmMs: 9000 # long enough',
      `home: { mqtt: { url: 'mqtt://127.0.0.1', username: cat, password: '\${CATNAP_TEST_NOT_SET}' } }`,
      '',
    ].join('\n'),
  );
  return { data: folder, config };
}

const tune = (data: string, config: string, ...more: readonly string[]) =>
  catnap(['tune', '--data', data, '--config', config, '--notices', '1', '--json', ...more]);

describe('catnap tune', () => {
  it('finds thresholds for both stages, writes them with the reason, and keeps what stood there', () => {
    const { data, config } = kitchen();
    const { status, stdout } = tune(data, config);
    expect(status).toBe(0);
    const tuning = JSON.parse(stdout);
    expect(tuning.now).toMatchObject({ words: 2, missed: 0, falseAccepts: 0 });
    expect(tuning.chosen).toMatchObject({ missed: 0, falseAccepts: 0 });
    expect(tuning).toMatchObject({ way: 'shared', crossValidated: { shared: { words: 2 } } });
    expect(tuning.written).toBe(config);
    const text = readFileSync(config, 'utf8');
    expect(text).toContain('# the kitchen\n');
    expect(text).toContain('warmMs: 9000 # long enough\n');
    const { accept } = tuning.chosen.thresholds.alexa;
    expect(text).toMatch(
      new RegExp(
        `thresholds: { accept: ${accept}, reject: [\\d.]+ } # catnap tune, \\d{4}-\\d\\d-\\d\\d: .* 0 of 2 missed`,
      ),
    );
    // It is a configuration still, and what it says is in force now.
    const again = tune(data, config, '--dry-run');
    expect(JSON.parse(again.stdout)).toMatchObject({
      now: { thresholds: { alexa: { accept } } },
      written: null,
    });
    expect(readFileSync(config, 'utf8')).toBe(text);
  }, 120_000);

  it('tells no rate an hour where a journal is too short for one', () => {
    const cwd = journalled(
      [wake(1, 0.9, 0.9, true), said(1, 'wrong', 30)],
      'sources: [{ id: kitchen, kind: microphone }]\n',
    );
    const { stdout, status } = catnap(['tune', '--journal', '--config', 'catnap.yaml'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1 detections of .* too little listening to tell how often in an hour; wished/u);
    expect(stdout).not.toMatch(/\/h\b|0\.00 h/u);
  });

  it('refuses a wish and a cascade that make no sense, by name', () => {
    const { data, config } = kitchen();
    const wish = catnap(['tune', '--data', data, '--false-alarms-per-day', 'few']);
    expect(wish).toMatchObject({ status: 64, stderr: expect.stringContaining('expected a number above 0') });
    writeFileSync(config, readFileSync(config, 'utf8').replace('warmMs: 9000', 'enabled: false'));
    const alone = catnap(['tune', '--data', data, '--config', config]);
    expect(alone).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('expected one with a heavy stage'),
    });
  });

  it('writes of a word of one’s own where it is believed from, in its own place', () => {
    const { data, config } = kitchen();
    const own = readFileSync(config, 'utf8').replace(
      '    heavy:\n',
      '    tiny: { words: [{ say: computer, accept: 0.6 }] }\n    heavy:\n',
    );
    writeFileSync(config, own);
    expect(tune(data, config).status).toBe(0);
    const text = readFileSync(config, 'utf8');
    expect(text).toMatch(/say: computer, accept: 0\.\d+/);
    expect(text).not.toContain('wordThresholds');
    expect(text).not.toContain('heavy:\n      warmMs: 9000 # long enough\n      thresholds');
  });
});
