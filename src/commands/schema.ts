import { Argument } from 'commander';
import { configJsonSchema } from '../config/json-schema.js';
import { configReference } from '../config/reference.js';
import { ERRORS } from '../core/errors.js';
import { errorPage } from '../doctor/error-page.js';
import { eventsJsonSchema } from '../events/json-schema.js';
import type { RegisterCommand } from './command.js';

const PRINTED = {
  config: () => json(configJsonSchema()),
  reference: () => configReference(),
  events: () => json(eventsJsonSchema()),
  errors: (asJson: boolean) => (asJson ? json(ERRORS) : errorPage()),
} as const;

/** `catnap schema config|reference|events|errors`: what may stand where, for editors, consumers and people. */
export const registerSchema: RegisterCommand = (program) => {
  program
    .command('schema')
    .description(
      'print the JSON Schema of the configuration or of the events, the configuration reference, or the error codes',
    )
    .addArgument(new Argument('<what>', 'which one').choices(Object.keys(PRINTED)))
    .option('--json', 'print JSON; schemas always are', false)
    .action((what: keyof typeof PRINTED, options: { readonly json: boolean }) => {
      process.stdout.write(PRINTED[what](options.json));
    });
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
