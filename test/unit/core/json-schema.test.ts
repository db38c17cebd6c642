import { describe, expect, it } from 'vitest';
import { readJsonSchema } from '../../../src/core/json-schema.js';

const read = (schema: Record<string, unknown>) => readJsonSchema(schema, 'uplink.answerSchema');

describe('a JSON Schema that an answer has to satisfy', () => {
  it('is checked at every depth', () => {
    const check = read({
      title: 'answer',
      type: 'object',
      required: ['label'],
      properties: { label: { enum: ['on', 'off'] }, lamps: { type: 'array', items: { type: 'string' } } },
    });
    const answers = [{ label: 'on', lamps: ['hall'] }, { label: 'dim' }, { label: 'on', lamps: [1] }, {}];
    expect(answers.map((answer) => check.safeParse(answer).success)).toEqual([true, false, false, false]);
  });

  it('is refused where a part of it would ask nothing for want of a type', () => {
    const mute = { minLength: 3 };
    const schemas: readonly (readonly [Record<string, unknown>, string])[] = [
      [
        { required: ['label'] },
        'uplink.answerSchema: expected a JSON Schema with a type, found required without',
      ],
      [{ type: 'object', properties: { label: mute } }, 'uplink.answerSchema.properties.label: '],
      [{ type: 'array', items: mute }, 'uplink.answerSchema.items: '],
      [{ anyOf: [{ type: 'string' }, mute] }, 'uplink.answerSchema.anyOf.1: '],
      [{ $ref: '#/$defs/a', $defs: { a: mute } }, 'uplink.answerSchema.$defs.a: '],
    ];
    for (const [schema, message] of schemas) expect(() => read(schema)).toThrow(message);
  });

  it('may have parts that anything satisfies', () => {
    const check = read({ type: 'object', properties: { extra: { description: 'anything', default: 1 } } });
    expect(check.safeParse({ extra: 'x' }).success).toBe(true);
  });

  it('is refused with the reason where it cannot be checked', () => {
    expect(() => read({ type: 'string', if: {} })).toThrow(
      /can be checked, found one that cannot: .*if\/then/,
    );
  });
});
