import { describe, expect, it } from 'vitest';
import { parseJson, readJson } from '../../../src/core/json.js';

describe('JSON', () => {
  it('is told from what is none', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parseJson('null')).toBeNull();
    expect(parseJson('{"a":')).toBeUndefined();
    expect(parseJson('')).toBeUndefined();
  });

  it('that has to be there names the thing, what was expected and what was found', () => {
    const reading = (text: string) => () => readJson(text, 'state/pump.json', 'STATE_INVALID');
    expect(reading('[1')).toThrow('state/pump.json: expected JSON, found 2 characters that are not');
    expect(reading(' ')).toThrow('state/pump.json: expected JSON, found nothing');
    expect(reading('[1')).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(reading('[1]')()).toEqual([1]);
  });
});
