import type { Zod } from '../core/kind.js';
import { isTimeZone } from '../core/time-zone.js';

/** Name of a source. */
export const idSetting = (z: Zod) =>
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/i, 'letters, digits and dashes')
    .describe('Name of the source in every event.');

/** Which cascade watches a source; `fallback` where the configuration does not say. */
export const cascadeSetting = (z: Zod, fallback: string) =>
  z.string().default(fallback).describe('Name of the cascade, below `cascades`, that watches this source.');

/** What every source of sensor rows has. */
export const sensorSettings = (z: Zod) => ({
  id: idSetting(z),
  cascade: cascadeSetting(z, 'sensor'),
  hopRows: z
    .int()
    .min(1)
    .max(100_000)
    .nullable()
    .default(null)
    .describe('Rows judged at a time; without it one up to 10 Hz, else about 100 ms.'),
});

/** A channel whose value stands in a message; `where` says how its place is named. */
export const channelSettings = (z: Zod, where: string) => ({
  name: z.string().min(1).describe('Name of the channel in events.'),
  unit: z.string().default('').describe('Unit of its values.'),
  path: z.string().min(1).nullable().default(null).describe(where),
});

/** How fast a recording of sensor rows is played. */
export const speedSetting = (z: Zod) =>
  z
    .number()
    .min(0)
    .default(1)
    .describe('Pace of the recording: 1 is real time, 20 twenty times as fast, 0 as fast as it goes.');

/** The place whose clocks stamps are read off. */
export const zoneSetting = (z: Zod) =>
  z
    .string()
    .refine(isTimeZone, { error: 'expected the name of a time zone, such as Europe/Berlin' })
    .nullable()
    .default(null)
    .describe('Zone of times that name none, such as Europe/Berlin; without it UTC.');

/** What a time that is a number counts in. */
export const timeSettings = (z: Zod) => ({
  timeZone: zoneSetting(z),
  timeUnit: z
    .enum(['s', 'ms', 'us', 'ns'])
    .nullable()
    .default(null)
    .describe('What a numeric time counts in; without it told by its size: small ones are seconds.'),
  dayOrder: z
    .enum(['dmy', 'mdy'])
    .nullable()
    .default(null)
    .describe('Whether 03/05/2024 is of May or of March; without it as the first day beyond the 12th shows.'),
});
