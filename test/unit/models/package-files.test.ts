import { describe, expect, it } from 'vitest';
import { packageFile } from '../../../src/models/package-files.js';

describe('files of packages', () => {
  it('says which package a model file was expected in', () => {
    expect(() => packageFile('no-such-package', 'x.onnx')).toThrow(/npm package no-such-package/);
  });
});
