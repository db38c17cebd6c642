/** `820 us`, `3.2 ms`, `145 ms`, `2.41 s`, `3 min 5 s`. */
export function duration(durationMs: number): string {
  if (durationMs === 0) return '0 ms';
  if (durationMs < 0.95) return `${Math.round(durationMs * 1000)} µs`;
  if (durationMs < 9.95) return `${durationMs.toFixed(1)} ms`;
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${trimmed(durationMs / 1000)} s`;
  const minutes = Math.floor(durationMs / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((durationMs % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `0.42 mJ`, `18 mJ`, `1.2 J`, `3.4 kJ`. */
export function energy(energyMj: number): string {
  if (energyMj < 1000) return `${trimmed(energyMj)} mJ`;
  if (energyMj < 1e6) return `${trimmed(energyMj / 1000)} J`;
  return `${trimmed(energyMj / 1e6)} kJ`;
}

/** `0.31 %`, `12 %`. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return '<0.01 %';
  return `${trimmed(value)} %`;
}

/** `12,480`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 update`, `12,480 updates`. */
export function counted(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}

/** `1.2 kB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${trimmed(value / 1000)} kB`;
  return `${trimmed(value / 1e6)} MB`;
}

/** A reading with its unit, three significant digits. */
export function reading(value: number | null, unit: string): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  const text =
    size >= 1000
      ? count(Math.round(value))
      : size >= 0.01 || size === 0
        ? trimmed(value)
        : value.toExponential(1);
  return unit === '' ? text : `${text} ${unit}`;
}

/** `14:03:27` in the visitor's time. */
export function timeOfDay(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB');
}

/** `14:03:27`, and of another day `28 Nov 14:03`. */
export function moment(iso: string): string {
  const then = new Date(iso);
  const isToday = then.toDateString() === new Date().toDateString();
  return isToday
    ? timeOfDay(iso)
    : then.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** `1:23.4` of a sample clock. */
export function clock(atMs: number): string {
  const seconds = atMs / 1000;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}

/** Three significant digits without an exponent. */
function trimmed(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
