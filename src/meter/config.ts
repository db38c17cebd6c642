import * as z from '../core/zod.js';

/** The `meter` section: where energy figures come from. */
export const meterConfigSchema = z.strictObject({
  board: z
    .enum(['auto', 'pi-zero-2-w', 'pi-4', 'pi-5', 'generic'])
    .default('auto')
    .describe('Board whose published power figures price CPU time where nothing is measured.'),
  reader: z
    .enum(['auto', 'ina2xx', 'pmic', 'rapl', 'none'])
    .default('auto')
    .describe(
      'Power sensor: ina2xx (hwmon), pmic (Raspberry Pi 5), rapl (x86); auto takes the first present.',
    ),
  idleWatts: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Replaces the board profile: watts at idle.'),
  coreWatts: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Replaces the board profile: watts a busy core adds.'),
});

export type MeterConfig = z.infer<typeof meterConfigSchema>;
