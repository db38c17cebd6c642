import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Keeper } from '../../../../src/edge/fleet/keeper.js';
import { FleetMember } from '../../../../src/edge/fleet/member.js';
import { edgeTopics } from '../../../../src/edge/topics.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

/** A device of a fleet, what it answers, and what then stands in its folder. */
function device(accepts: boolean) {
  const folder = temporaryFolder();
  const configFile = join(folder, 'catnap.yaml');
  writeFileSync(configFile, 'first');
  const answers: unknown[] = [];
  const keeper = new Keeper(configFile);
  const rollOut = { configFile, keeper, check: () => {}, again: () => {} };
  const member = new FleetMember({
    house: { say: async (_topic, payload) => void answers.push(JSON.parse(payload)) },
    topics: edgeTopics('catnap-edge'),
    device: 'Kitchen',
    about: () => ({ pending: keeper.isPending }),
    state: () => ({}),
    rollOut: accepts ? rollOut : null,
  });
  const take = (what: string, content: string, sha256 = '', retained = false) =>
    member.take({
      topic: `catnap-edge/fleet/kitchen/set/${what}`,
      payload: Buffer.from(content),
      retained,
      properties: { responseTopic: 'answers', userProperties: { sha256 } },
    });
  return { take, answers, config: () => readFileSync(configFile, 'utf8'), files: () => readdirSync(folder) };
}

describe('a device of a fleet', () => {
  it('takes nothing unless its own configuration says so', () => {
    const { take, answers, config } = device(false);
    take('config', 'second');
    expect(answers).toMatchObject([{ ok: false, code: 'EGRESS_DENIED' }]);
    expect(config()).toBe('first');
  });

  it('passes over what the broker had kept', () => {
    const { take, answers, config } = device(true);
    take('config', 'second', '', true);
    expect([answers, config()]).toEqual([[], 'first']);
    take('config', 'second');
    expect([answers, config()]).toEqual([[expect.objectContaining({ ok: true })], 'second']);
  });

  it('says that what was rolled out is confirmed as soon as it is', () => {
    const { take, answers } = device(true);
    take('config', 'second');
    take('keep', '');
    expect(answers.slice(1)).toEqual([{ pending: false }, expect.objectContaining({ detail: 'kept' })]);
  });

  it('keeps what was confirmed where another roll-out is to be taken back, which it has not', () => {
    const { take, answers, config } = device(true);
    take('config', 'second');
    take('keep', '');
    take('back', '', createHash('sha256').update('third').digest('hex'));
    expect([answers.at(-1), config()]).toEqual([
      expect.objectContaining({ ok: false, code: 'USAGE' }),
      'second',
    ]);
    take('back', '', createHash('sha256').update('second').digest('hex'));
    expect([answers.at(-1), config()]).toEqual([expect.objectContaining({ ok: true }), 'first']);
  });

  it.each([
    ['of another checksum', 'hey.onnx', 'another network', 'MODEL_CORRUPT'],
    ['that would stand in another folder', '../hey.onnx', 'network', 'USAGE'],
  ])('refuses a model %s', (_, name, sent, code) => {
    const { take, answers, files } = device(true);
    take(`model/${name}`, sent, createHash('sha256').update('network').digest('hex'));
    expect(answers).toMatchObject([{ ok: false, code }]);
    expect(files()).toEqual(['catnap.yaml']);
  });
});
