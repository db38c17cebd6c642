/** Where a panel of a picture stands, and what it spans. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** A point in the units of a panel; NaN breaks a line. */
export type Point = readonly [x: number, y: number];

const STYLE = `text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px;font-weight:600}.quiet{fill:#777}
.signal{stroke:#1f4e79;stroke-width:1;fill:none}.expected{stroke:#e08a00;stroke-width:1.8;opacity:.65;fill:none}
.usual{fill:#e08a00;opacity:.18}.alarm{fill:#c62828;opacity:.16}.mark{fill:#c62828}.label{fill:#2e7d32}.frame{fill:#fff;stroke:#bbb}.grid{stroke:#e6e6e6}`;

/** A whole picture, on white, of so many pixels. */
export function picture(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${STYLE}</style><rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** A text; `anchor` is which end of it stands at `x`. */
export function text(x: number, y: number, words: string, look = '', anchor = 'start'): string {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text ${place}${look === '' ? '' : ` class="${look}"`}>${escaped(words)}</text>`;
}

/** The frame of a panel with three values at its left. */
export function frame(panel: Panel, look: (value: number) => string): string {
  const { left, top, width, height, low, high } = panel;
  const values = [low, (low + high) / 2, high];
  const lines = values.map((value) => {
    const y = yOf(panel, value);
    return `<line class="grid" x1="${left}" x2="${left + width}" y1="${y}" y2="${y}"/>${text(left - 6, y + 4, look(value), 'quiet', 'end')}`;
  });
  const box = `<rect class="frame" x="${left}" y="${top}" width="${width}" height="${height}"/>`;
  return box + lines.join('');
}

/** A line through points. */
export function line(panel: Panel, points: readonly Point[], look: string): string {
  let path = '';
  let isDown = false;
  for (const [x, y] of points) {
    if (Number.isFinite(y)) path += `${isDown ? 'L' : 'M'}${xOf(panel, x)} ${yOf(panel, y)}`;
    isDown = Number.isFinite(y);
  }
  return `<path class="${look}" d="${path}"/>`;
}

/** What lies between a lower and an upper line. */
export function band(panel: Panel, lower: readonly Point[], upper: readonly Point[], look: string): string {
  const around = [...upper, ...lower.toReversed()].filter(([, y]) => Number.isFinite(y));
  if (around.length < 3) return '';
  const path = around.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${xOf(panel, x)} ${yOf(panel, y)}`).join('');
  return `<path class="${look}" d="${path}Z"/>`;
}

/** Short stretches of a long panel are still seen. */
const LEAST_WIDTH = 3;

/** A stretch of a panel from top to bottom, or so many pixels at its top or bottom. */
export function stretch(
  panel: Panel,
  from: number,
  to: number,
  look: string,
  { height = panel.height, isBottom = false } = {},
): string {
  const x = xOf(panel, from);
  const y = isBottom ? panel.top + panel.height - height : panel.top;
  const width = Math.max(LEAST_WIDTH, round(xOf(panel, to) - x));
  return `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
}

function xOf({ left, width, from, to }: Panel, x: number): number {
  return round(left + (width * (x - from)) / (to - from || 1));
}

function yOf({ top, height, low, high }: Panel, y: number): number {
  const inside = Math.min(high, Math.max(low, y));
  return round(top + height - (height * (inside - low)) / (high - low || 1));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
