import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Keeper, sha256Of } from '../../../../src/edge/fleet/keeper.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

function device() {
  const folder = temporaryFolder();
  const path = join(folder, 'catnap.yaml');
  writeFileSync(path, 'first');
  return {
    path,
    model: join(folder, 'models', 'hey.tflite'),
    keeper: new Keeper(path),
    now: () => read(path),
  };
}

const read = (path: string): string => readFileSync(path, 'utf8');
const file = (path: string, content: string) => ({ path, content: Buffer.from(content) });

describe('what is rolled out to a device', () => {
  it('stands in place of what was there, which comes back when it is wanted', () => {
    const { path, model, keeper, now } = device();
    keeper.apply([file(path, 'second'), file(model, 'network')]);
    expect([now(), read(model), keeper.isPending]).toEqual(['second', 'network', true]);
    expect(keeper.back()).toBe(true);
    expect([now(), existsSync(model), keeper.isPending]).toEqual(['first', false, false]);
    expect(keeper.back()).toBe(false);
  });

  it('is taken back by the second start that nobody confirmed it before', () => {
    const { path, keeper, now } = device();
    keeper.apply([file(path, 'second')]);
    expect(keeper.starting()).toBe(false);
    expect(now()).toBe('second');
    expect(new Keeper(path).starting()).toBe(true);
    expect(now()).toBe('first');
  });

  it('stays once it is confirmed, and can still be taken back', () => {
    const { path, keeper, now } = device();
    keeper.apply([file(path, 'second')]);
    keeper.keep();
    expect([keeper.starting(), keeper.starting(), keeper.isPending, now()]).toEqual([
      false,
      false,
      false,
      'second',
    ]);
    keeper.back();
    expect(now()).toBe('first');
  });

  it('comes back one roll-out after the other, up to five', () => {
    const { path, model, keeper, now } = device();
    const all = ['second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'];
    for (const content of all) {
      keeper.apply([file(path, content), ...(content === 'third' ? [file(model, 'network')] : [])]);
      keeper.keep();
    }
    const found = all.map(() => (keeper.back() ? now() : null));
    expect(found).toEqual(['sixth', 'fifth', 'fourth', 'third', 'second', null]);
    expect(existsSync(model)).toBe(false);
    // Nothing is kept that nobody can come back to.
    expect(readdirSync(join(path, '..', '.catnap-before'))).toEqual(['rolled-out.json']);
  });

  it('is taken back by its checksum only where it is the last that came', () => {
    const { path, keeper, now } = device();
    const third = sha256Of(Buffer.from('third'));
    keeper.apply([file(path, 'second')]);
    keeper.keep();
    expect([keeper.back(third), now()]).toEqual([false, 'second']);
    keeper.apply([file(path, 'third')]);
    expect([keeper.back(third), now()]).toEqual([true, 'second']);
    expect([keeper.back(third), now()]).toEqual([false, 'second']);
  });

  it('does not lose the way back of the one before where it is taken back', () => {
    const { path, keeper, now } = device();
    keeper.apply([file(path, 'second')]);
    keeper.keep();
    keeper.apply([file(path, 'third')]);
    expect([keeper.starting(), keeper.starting(), now(), keeper.isPending]).toEqual([
      ...[false, true],
      ...['second', false],
    ]);
    expect([keeper.back(), now()]).toEqual([true, 'first']);
  });

  it('leaves everything as it was where a file cannot be written', () => {
    const { path, keeper, now } = device();
    expect(() => keeper.apply([file(path, 'second'), file(join(path, 'below'), 'x')])).toThrow();
    expect([now(), keeper.isPending]).toEqual(['first', false]);
  });
});
