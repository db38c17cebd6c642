import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';

/** Runs `catnap init` on a terminal; each answer is typed once its question is asked. */
async function init(answers: readonly (readonly [question: string, answer: string])[]) {
  const folder = temporaryFolder();
  const line = `${process.execPath} ${join(root, 'dist/cli.js')} init`;
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: folder });
  let said = '';
  let from = 0;
  const left = [...answers];
  child.stdout.on('data', (data) => {
    said += String(data);
    const [next] = left;
    const at = next === undefined ? -1 : said.indexOf(next[0], from);
    if (next === undefined || at < 0) return;
    from = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, said, file: join(folder, 'catnap.yaml') };
}

describe.runIf(requireTool('questions on a terminal', 'script'))('catnap init on a terminal', () => {
  it('asks, again where an answer is none, and writes what was answered', async () => {
    const { status, said, file } = await init([
      ['Name of this device', 'hall\n'],
      ['What to watch', 'banana\n'],
      ['What to watch', 'microphone\n'],
      ['Microphone', 'plughw:1\n'],
      ['What to listen for', 'computer, banana\n'],
      ['What to listen for', 'Alexa, view glass\n'],
      ['What may be asked over the network', 'plain\n'],
      ['WebSocket address', 'example.com\n'],
      ['WebSocket address', 'wss://cloud.example/catnap\n'],
      ['MQTT broker of the house', 'somewhere\n'],
      ['MQTT broker of the house', 'mqtt://house.example:1883\n'],
    ]);
    expect(said).toContain('expected one of microphone, serial, csv, found "banana"');
    expect(said).toContain('expected an address that begins with ws:// or wss://, found "example.com"');
    expect(status).toBe(0);
    const config = loadConfig(file);
    expect(config.name).toBe('hall');
    expect(said).toContain('found "banana"');
    expect(config.cascades.voice).toMatchObject({ tiny: { words: ['alexa', 'view_glass'] } });
    expect(config.sources).toMatchObject([{ kind: 'microphone', device: 'plughw:1' }]);
    expect(config.uplink.providers).toMatchObject([{ url: 'wss://cloud.example/catnap' }]);
    expect(said).toContain('expected an address as mqtt://host:1883, or none, found "somewhere"');
    expect(config.home.mqtt).toMatchObject({ url: 'mqtt://house.example:1883' });
  });

  it.each([
    ['Ctrl-C', INTERRUPT],
    ['the end of the input', END_OF_INPUT],
  ])('ends with 75 and writes nothing at %s', async (_, key) => {
    const { status, said, file } = await init([['Name of this device', key]]);
    expect(said).toContain('interrupted, nothing was written');
    expect(status).toBe(75);
    expect(existsSync(file)).toBe(false);
  });
});
