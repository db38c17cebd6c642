import * as z from '../core/zod.js';

/** What is done when an intent matched or an answer asks for it. `{slot}` in any text is replaced by its value. */
export const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log') }).describe('Nothing but the event.'),
  z
    .strictObject({
      kind: z.literal('mqtt'),
      topic: z.string().min(1).describe('Topic to publish on.'),
      payload: z.string().default('{value}').describe('Message.'),
      retain: z.boolean().default(false),
    })
    .describe('Publishes an MQTT message.'),
  z
    .strictObject({
      kind: z.literal('webhook'),
      url: z
        .url({ protocol: /^https?$/ })
        .describe('Address that is sent a JSON body with intent and slots.'),
    })
    .describe('Posts JSON.'),
  z
    .strictObject({
      kind: z.literal('command'),
      run: z.array(z.string().min(1)).min(1).describe('Program and arguments; no shell is involved.'),
    })
    .describe('Runs a program.'),
  z
    .strictObject({
      kind: z.literal('serial'),
      source: z.string().min(1).describe('Id of the serial source whose board it is.'),
      command: z.string().min(1).max(255).describe('Text that is sent to the board.'),
    })
    .describe('Sends a command to a board.'),
]);

export type ActionConfig = z.infer<typeof actionSchema>;

/** The `actions` section: how actions are run, whoever asks for them. */
export const actionsSchema = z.strictObject({
  dryRun: z
    .boolean()
    .default(true)
    .describe('Only record what would be done. Nothing acts until this is set to false.'),
  mqttUrl: z
    .url({ protocol: /^(mqtts?|wss?)$/ })
    .nullable()
    .default(null)
    .describe('Broker that `mqtt` actions publish to.'),
  timeoutMs: z.number().positive().default(10_000).describe('After this an action has failed.'),
  maxRunning: z.int().positive().default(4).describe('Actions under way at once; more are refused.'),
});

export type ActionsConfig = z.infer<typeof actionsSchema>;
