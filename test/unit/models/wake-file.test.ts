import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCalibration } from '../../../src/models/calibration-file.js';
import { readWakeFile, wakeFamilyOf, wakeWeights } from '../../../src/models/wake-file.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder();

function manifest(json: object): string {
  writeFileSync(join(folder, 'okay_nabu.tflite'), 'weights');
  const path = join(folder, 'okay_nabu.json');
  writeFileSync(path, JSON.stringify(json));
  return path;
}

const micro = { probability_cutoff: 0.85, feature_step_size: 10, sliding_window_size: 5 };
const second = { type: 'micro', wake_word: 'Okay Nabu', model: 'okay_nabu.tflite', version: 2, micro };

describe('a wake word of others', () => {
  it('is described by the second version of manifests of microWakeWord', () => {
    const path = manifest({ ...second, trained_languages: ['nl', 'en'] });
    expect(wakeFamilyOf(path)).toBe('microwakeword');
    expect(readWakeFile(path)).toMatchObject({
      family: 'microwakeword',
      name: 'okay_nabu',
      phrase: 'Okay Nabu',
      cutoff: 0.85,
      meanOf: 5,
      stepMs: 10,
      network: { manifest: { files: { tflite: { path: join(folder, 'okay_nabu.tflite'), bytes: 7 } } } },
    });
  });

  it('is described by the first version, of steps of 20 ms', () => {
    const first = { probability_cutoff: 0.5, sliding_window_average_size: 10 };
    expect(readWakeFile(manifest({ ...second, version: 1, micro: first }))).toMatchObject({
      cutoff: 0.5,
      meanOf: 10,
      stepMs: 20,
    });
  });

  it('is not said as English is spelt where it was trained for another language', () => {
    expect(readWakeFile(manifest({ ...second, trained_languages: ['de'] })).phrase).toBeNull();
    expect(readWakeFile(manifest({ ...second, wake_word: '你好' })).phrase).toBeNull();
  });

  it('is described by manifests of linux-voice-assistant', () => {
    const path = manifest({ type: 'openWakeWord', wake_word: 'Okay Nabu', model: 'okay_nabu.tflite' });
    expect(wakeFamilyOf(path)).toBe('openwakeword');
    expect(readWakeFile(path)).toMatchObject({ family: 'openwakeword', name: 'okay_nabu', cutoff: 0.5 });
  });

  it('is called by its file where there is nothing else', () => {
    const path = join(folder, 'hey_jarvis_v0.1.onnx');
    writeFileSync(path, 'weights');
    expect(wakeFamilyOf(path)).toBe('openwakeword');
    expect(readWakeFile(path)).toMatchObject({ name: 'hey_jarvis', phrase: 'hey jarvis' });
  });

  it.each([
    [{ ...second, version: 3 }, 'version: expected 1 or 2, found 3'],
    [
      { ...second, micro: { ...micro, probability_cutoff: 85 } },
      'micro.probability_cutoff: expected a number from 0 to 1, found 85',
    ],
    [{ ...second, model: undefined }, 'model: expected text, found nothing'],
    [{ type: 'other' }, 'type: expected micro or openWakeWord, found another'],
  ])('is refused with what is wrong: %#', (json, message) => {
    const path = manifest(json);
    expect(() => readWakeFile(path)).toThrow(
      expect.objectContaining({ code: 'MODEL_CORRUPT', message: `model manifest ${path}: ${message}` }),
    );
  });

  it('is read by the calibration that was made of it, and of no other', () => {
    const path = manifest(second);
    const calibration = { kind: 'isotonic' as const, x: [0.2, 0.6], y: [0.1, 0.9] };
    const written = writeCalibration(wakeWeights(path), calibration, {
      word: 'okay_nabu',
      clips: 5,
      otherSeconds: 60,
    });
    expect(readWakeFile(path).calibration).toEqual(calibration);
    writeFileSync(join(folder, 'okay_nabu.tflite'), 'other weights');
    expect(() => readWakeFile(path)).toThrow(/found one of another; make it again or delete it$/u);
    rmSync(written);
    expect(readWakeFile(path).calibration).toBeNull();
  });

  it('is refused where the file is not there', () => {
    expect(() => readWakeFile(join(folder, 'none.onnx'))).toThrow(
      expect.objectContaining({ code: 'MODEL_MISSING' }),
    );
  });

  it('is none of those where a manifest is of another kind', () => {
    expect(wakeFamilyOf(manifest({ schema: 1, name: 'x' }))).toBeNull();
  });
});
