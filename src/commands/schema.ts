import { Argument } from 'commander';
import { configJsonSchema } from '../config/json-schema.js';
import { eventsJsonSchema } from '../events/json-schema.js';
import type { RegisterCommand } from './command.js';

const SCHEMAS = { config: configJsonSchema, events: eventsJsonSchema } as const;

/** `catnap schema config|events`: prints a JSON Schema for editors and consumers. */
export const registerSchema: RegisterCommand = (program) => {
  program
    .command('schema')
    .description('print the JSON Schema of the configuration or of the events')
    .addArgument(new Argument('<what>', 'which one').choices(Object.keys(SCHEMAS)))
    .option('--json', 'print JSON, as it always does')
    .action((what: keyof typeof SCHEMAS) => {
      process.stdout.write(`${JSON.stringify(SCHEMAS[what](), null, 2)}\n`);
    });
};
