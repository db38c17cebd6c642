import type { Zod } from '../../core/kind.js';
import { FILL_ROWS } from '../row-losses.js';
import { zoneSetting } from '../settings.js';

/** How a CSV file is read. */
export const tableSettings = (z: Zod) => ({
  separator: z
    .enum([',', ';', '\t', '|', 'auto'])
    .default('auto')
    .describe('Between fields; auto takes the one the header has most of.'),
  time: z
    .string()
    .nullable()
    .default(null)
    .describe('Column of times; without it a column named like time, if there is one.'),
  timeZone: zoneSetting(z),
  dayOrder: z
    .enum(['dmy', 'mdy'])
    .nullable()
    .default(null)
    .describe('Whether 03/05/2024 is of May or of March; without it as the file shows.'),
  entity: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Which device to watch, where a column such as entity_id says of which one a row is.'),
  missing: z.array(z.number()).default([-9999, -99999]).describe('Numbers that stand for a missing value.'),
  rateHz: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Rows a second; needed where there is no time column.'),
  columns: z
    .array(z.string().min(1))
    .nullable()
    .default(null)
    .describe('Columns to watch; without it every column of numbers.'),
  ignore: z.array(z.string().min(1)).default([]).describe('Columns to leave out, such as labels.'),
  fillRows: z
    .int()
    .min(0)
    .max(10_000)
    .default(FILL_ROWS)
    .describe(
      'Up to this many rows in a row that are missing or cannot be read are missing values; more are a gap.',
    ),
  raggedRows: z
    .enum(['skip', 'refuse'])
    .default('skip')
    .describe('Rows with too few or too many fields: lost and counted, or an error.'),
});
