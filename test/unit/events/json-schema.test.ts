import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cascadeEventSchema } from '../../../src/core/events/event-schema.js';
import { EVENT_MEANINGS } from '../../../src/core/events/events.js';
import { eventsJsonSchema } from '../../../src/events/json-schema.js';
import { root } from '../../support/tools.js';

describe('docs/events.schema.json', () => {
  it('is what the code says (else: node dist/cli.js schema events > it)', async () => {
    const committed = JSON.parse(await readFile(`${root}docs/events.schema.json`, 'utf8'));
    expect(committed).toEqual(eventsJsonSchema());
  });

  it('describes every event type', () => {
    const schema = eventsJsonSchema() as { oneOf: { properties: { type: { const: string } } }[] };
    const described = schema.oneOf.map((branch) => branch.properties.type.const);
    const known = cascadeEventSchema.options.map((option) => option.shape.type.value);
    expect(described).toEqual(known);
  });

  it('is explained, type by type, in docs/EVENTS.md', async () => {
    const text = await readFile(`${root}docs/EVENTS.md`, 'utf8');
    const missing = Object.entries(EVENT_MEANINGS).filter(
      ([type, meaning]) => !(text.includes(`| \`${type}\` `) && text.includes(`| ${meaning} `)),
    );
    expect(missing).toEqual([]);
  });
});
