import { describe, expect, it } from 'vitest';
import { CatnapError, EXIT, exitCodeOf } from '../../../src/core/errors.js';

describe('exit codes', () => {
  it('tells a bad config, a missing device and a bug apart', () => {
    expect(exitCodeOf(new CatnapError('CONFIG_INVALID', 'x'))).toBe(EXIT.config);
    expect(exitCodeOf(new CatnapError('SOURCE_UNAVAILABLE', 'x'))).toBe(EXIT.unavailable);
    expect(exitCodeOf(new TypeError('x'))).toBe(EXIT.software);
  });
});
