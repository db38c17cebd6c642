import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { placed, portable } from '../../../../src/runtime/edge/portable.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const CODE = 'export const stage = () => {};\n';
const DIGEST = createHash('sha256').update(CODE).digest('hex');
const WEIGHTS = { path: 'own.tflite', package: null };

/** A model that its owner made, as a spec names it. */
const modelOf = (folder: string, name = 'own') => ({
  folder,
  manifest: { name, files: { tflite: WEIGHTS } },
});

describe('the description of a stage on its way to another machine', () => {
  let here: string;
  let shelf: string;
  let module: { kind: string; name: string; path: string; statePath: string | null };

  beforeEach(() => {
    const folder = temporaryFolder();
    [here, shelf] = [join(folder, 'here'), join(folder, 'shelf')];
    for (const each of [here, shelf]) mkdirSync(each);
    writeFileSync(join(here, 'toy.mjs'), CODE);
    module = { kind: 'module', name: 'toy', path: join(here, 'toy.mjs'), statePath: join(here, 'state') };
  });

  it('leaves folders of models out, however deep they stand, and everything else as it is', () => {
    const description = {
      spec: { kind: 'group', members: [{ network: modelOf('/srv/models') }, 3, null] },
    };
    const network = modelOf('');
    expect(portable(description)).toEqual({ spec: { kind: 'group', members: [{ network }, 3, null] } });
  });

  it('names a module by its file and what is in it, without where it keeps its state', () => {
    expect(portable({ spec: module })).toEqual({
      spec: { kind: 'module', name: 'toy', path: 'toy.mjs', sha256: DIGEST, statePath: null },
    });
  });

  it('refuses a module that cannot be read', () => {
    expect(() => portable({ ...module, path: join(here, 'none.mjs') })).toThrow(
      /none\.mjs in .* cannot be read/,
    );
  });

  it('refuses what has no end', () => {
    const round: Record<string, unknown> = {};
    round.again = round;
    expect(() => portable(round)).toThrow(/found no end of it/);
  });

  it('is given the models that ship with Catnap, and those on the shelf, each in its folder or bare', () => {
    const shipped = resolve('models/wake-tiny');
    const wake = {
      folder: '',
      manifest: { name: 'wake-tiny', files: { tflite: { ...WEIGHTS, path: 'wake-tiny.tflite' } } },
    };
    expect(placed(wake, null)).toMatchObject({ folder: shipped });
    writeFileSync(join(shelf, 'own.tflite'), '');
    expect(placed(modelOf(''), shelf)).toMatchObject({ folder: shelf });
    mkdirSync(join(shelf, 'own'));
    writeFileSync(join(shelf, 'own', 'own.tflite'), '');
    expect(placed(modelOf(''), shelf)).toMatchObject({ folder: join(shelf, 'own') });
  });

  it('says which model is not here, and never leaves the shelf for one', () => {
    expect(() => placed(modelOf(''), null)).toThrow(
      /model own: expected among those that ship with Catnap nor a folder/,
    );
    expect(() => placed(modelOf(''), shelf)).toThrow(`nor in ${shelf}`);
    writeFileSync(join(here, 'own.tflite'), '');
    expect(() => placed(modelOf('', '../here'), shelf)).toThrow(/model \.\.\/here: expected/);
    const outside = {
      folder: '',
      manifest: { name: 'own', files: { tflite: { ...WEIGHTS, path: '../here/own.tflite' } } },
    };
    expect(() => placed(outside, shelf)).toThrow(/model own: expected/);
  });

  it('takes the module of the shelf if that is the one that was asked for, byte for byte', () => {
    const asked = portable(module);
    writeFileSync(join(shelf, 'toy.mjs'), CODE);
    expect(placed(asked, shelf)).toEqual({ ...module, path: join(shelf, 'toy.mjs'), statePath: null });
    writeFileSync(join(shelf, 'toy.mjs'), `${CODE}// another\n`);
    expect(() => placed(asked, shelf)).toThrow(`expected one of sha256 ${DIGEST} in ${shelf}, found none`);
    expect(() => placed(asked, null)).toThrow(/in a folder of models, found none/);
  });

  it('takes no module by a path', () => {
    const asked = { ...(portable(module) as Record<string, unknown>), path: '../here/toy.mjs' };
    expect(() => placed(asked, shelf)).toThrow(/module \.\.\/here\/toy\.mjs: expected/);
  });
});
