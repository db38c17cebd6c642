import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { errorPage } from '../../../src/doctor/error-page.js';
import { root } from '../../support/tools.js';

it('docs/ERRORS.md is what the catalogue says (else: node dist/cli.js schema errors > it)', async () => {
  expect(await readFile(`${root}docs/ERRORS.md`, 'utf8')).toBe(errorPage());
});
