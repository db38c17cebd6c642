import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../../src/files/secrets.js';
import { createSecret } from '../../../src/uplink/providers/secret.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a secret', () => {
  it('is read anew whenever it is used', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'key'), 'old\n');
    const secret = createSecret('${file:key}', { folder });
    expect(secret.read()).toBe('old');
    expect(await secret.hasChanged()).toBe(false);
    writeFileSync(join(folder, 'key'), 'new\n');
    expect(await secret.hasChanged()).toBe(true);
    expect(secret.read()).toBe('new');
  });

  it('may have text around it', () => {
    const place = { folder: '.', env: { WHO: 'me', WHAT: 'p$ss{word}' } };
    expect(readSecret('${WHO}:${WHAT}', place, 'ACTION_FAILED')).toBe('me:p$ss{word}');
  });

  it('that is missing or empty is named by its place', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'empty'), '\n');
    const read = (text: string) => () => readSecret(text, { folder, env: {} }, 'UPLINK_UNAUTHORISED');
    expect(read('${KEY}')).toThrow('environment variable KEY, found it unset');
    expect(read('${file:none}')).toThrow(`at ${join(folder, 'none')}, found none`);
    expect(read('${file:empty}')).toThrow('a secret at ${file:empty}, found nothing there');
  });
});
