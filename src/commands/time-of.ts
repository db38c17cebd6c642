import { InvalidArgumentError } from 'commander';
import { systemClock } from '../runtime/process/system-clock.js';

const AGO_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads an option's time, ISO 8601 or like 15m, 24h, 7d ago; gives ISO 8601. */
export function timeOf(text: string): string {
  const ago = /^(\d+)([mhd])$/.exec(text);
  const ms = ago
    ? systemClock.wallMs() - Number(ago[1]) * AGO_MS[ago[2] as keyof typeof AGO_MS]
    : Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time like 2026-01-31T08:00 or 24h');
  return new Date(ms).toISOString();
}
