import { checkShippedModel } from '../../../engines/check-model.js';
import type { RecogniserKind } from '../stage-kind.js';
import type { CommandsSpec } from './commands.js';

/** A model of single words. */
export const commands: RecogniserKind<CommandsSpec> = {
  kind: 'commands',
  checks: [{ name: 'model commands', run: () => checkShippedModel('commands') }],
  by: 'manifest',
  async plan(request, model) {
    const { encodedWordOf } = await import('../../../models/front-end.js');
    return { kind: 'commands', ...request, model, frontEnd: encodedWordOf(model) };
  },
  create: async (spec) => (await import('./commands.js')).createCommands(spec),
};
