import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as source from '../../../src/core/zod.js';
import { root } from '../../support/tools.js';

const path = join(root, 'dist/core/zod.js');

it('is one file in the build, with the same names and nothing of the package', async () => {
  const built = (await import(path)) as typeof source;
  expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort());
  expect(readFileSync(path, 'utf8')).not.toMatch(/from ["']zod/);
});

it('says what is wrong as the package does', async () => {
  const built = (await import(path)) as typeof source;
  const complaint = (z: typeof source) =>
    z.prettifyError(
      z.strictObject({ port: z.int().max(5) }).safeParse({ port: 6, prot: '' }).error as source.ZodError,
    );
  expect(complaint(built)).toContain('expected number to be <=5');
  expect(complaint(built)).toBe(complaint(source));
});
