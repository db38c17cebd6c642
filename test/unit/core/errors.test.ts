import { describe, expect, it } from 'vitest';
import { CatnapError, ERRORS, EXIT, exitCodeOf, remedyOf } from '../../../src/core/errors.js';

describe('exit codes', () => {
  it('tells a bad config, a missing device and a bug apart', () => {
    expect(exitCodeOf(new CatnapError('CONFIG_INVALID', 'x'))).toBe(EXIT.config);
    expect(exitCodeOf(new CatnapError('SOURCE_UNAVAILABLE', 'x'))).toBe(EXIT.unavailable);
    expect(exitCodeOf(new TypeError('x'))).toBe(EXIT.software);
  });
});

describe('the catalogue', () => {
  it('says of every code what it means and what to do, in sentences', () => {
    for (const { meaning, remedy } of Object.values(ERRORS)) {
      expect(meaning).toMatch(/^[A-Z`].*\.$/);
      expect(remedy).toMatch(/^[A-Z`].*\.$/);
    }
  });

  it('takes what nobody foresaw for a mistake to be reported', () => {
    expect(remedyOf(new TypeError('x'))).toMatch(/^Report it.* \(INTERNAL\)$/);
  });
});
