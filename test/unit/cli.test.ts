import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { catnap } from '../support/cli.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'catnap-'));

describe('catnap', () => {
  it('ends with 64 and the help for a command it does not know', () => {
    const { status, stderr } = catnap(['nonsense']);
    expect(status).toBe(64);
    expect(stderr).toContain('Usage: catnap');
  });
});

describe('catnap init', () => {
  it('--yes writes a commented configuration that loads', () => {
    const cwd = folder();
    expect(catnap(['init', '--yes'], { cwd }).status).toBe(0);
    const file = join(cwd, 'catnap.yaml');
    expect(loadConfig(file).sources).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Secrets never|^# Catnap/m);
  });

  it('leaves an existing file alone unless forced, and nothing half-written', () => {
    const cwd = folder();
    catnap(['init', '--yes'], { cwd });
    const again = catnap(['init', '--yes'], { cwd });
    expect(again.status).toBe(64);
    expect(again.stderr).toContain('expected catnap.yaml not to exist');
    expect(readdirSync(cwd)).toEqual(['catnap.yaml']);
    expect(catnap(['init', '--yes', '--force', '--json'], { cwd }).status).toBe(0);
  });

  it('asks for a terminal when there is none', () => {
    const { status, stderr } = catnap(['init'], { cwd: folder() });
    expect(status).toBe(64);
    expect(stderr).toContain('--yes');
  });
});
