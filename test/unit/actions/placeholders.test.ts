import { describe, expect, it } from 'vitest';
import { fillMessage, placeholdersIn, slotsIn } from '../../../src/actions/placeholders.js';

describe('texts of an action', () => {
  it('stay JSON whatever a value has in it, and are left alone where they are none', () => {
    const said = { transcript: 'say "hi"\\n' };
    expect(JSON.parse(fillMessage('{"said":"{transcript}"}', said))).toEqual({ said: said.transcript });
    expect(fillMessage('heard {transcript}', said)).toBe(`heard ${said.transcript}`);
  });

  it('name placeholders where they stand; fields are not asked for', () => {
    const action = { kind: 'command', run: ['say', '{what} {source}'], more: { at: '{at}' } };
    expect(placeholdersIn(action)).toEqual([
      { path: ['run', '1'], name: 'what' },
      { path: ['run', '1'], name: 'source' },
      { path: ['more', 'at'], name: 'at' },
    ]);
    expect(slotsIn(action)).toEqual(['what']);
  });
});
