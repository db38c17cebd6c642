import type { Outcome } from './tuning.js';

const SIZE = { width: 440, height: 300, left: 56, right: 16, top: 16, bottom: 44 } as const;
const TICKS = 4;

/** What is drawn. */
interface Drawn<Of extends Outcome> {
  readonly front: readonly Of[];
  /** What is in force. */
  readonly now: Outcome;
  readonly chosen: Outcome | null;
  /** The threshold of heavy that a point stands for; null where each word has its own. */
  readonly acceptOf?: (point: Of) => number | null;
}

/**
 * The front as a drawing: missed words over false accepts an hour, with what is in force and what is chosen. On a page
 * it takes the page's colours, and a point of one threshold says which (`data-accept`).
 */
export function frontSvg<Of extends Outcome>({
  front,
  now,
  chosen,
  acceptOf = () => null,
}: Drawn<Of>): string {
  const all = [...front, now];
  const most = {
    x: Math.max(0.001, ...all.map((point) => point.falseAcceptsPerHour)),
    y: Math.max(0.01, ...all.map(missedShare)),
  };
  const [width, height] = [SIZE.width - SIZE.left - SIZE.right, SIZE.height - SIZE.top - SIZE.bottom];
  const x = (value: number) => SIZE.left + (value / most.x) * width;
  const y = (value: number) => SIZE.top + height - (value / most.y) * height;
  const at = (point: Outcome) => [x(point.falseAcceptsPerHour), y(missedShare(point))] as const;
  const line = front.map((point) => at(point).map(round).join(',')).join(' ');
  const dot = (point: Outcome, radius: number, colour: string, name: string, more = '') => {
    const [cx, cy] = at(point).map(round);
    return `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${colour}"${more}><title>${name}</title></circle>`;
  };
  const dotOf = (point: Of) => {
    const accept = acceptOf(point);
    if (accept === null) return [];
    const name = `believed from ${accept}: ${told(point)}`;
    return [dot(point, 5, '#1668b0', name, ` data-accept="${accept}"`)];
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="var(--card, white)"/>',
    ...ticks(most.x).map((value) =>
      text(x(value), SIZE.height - 24, 'middle', String(Number(value.toPrecision(2)))),
    ),
    ...ticks(most.y).map((value) => text(SIZE.left - 6, y(value) + 4, 'end', `${(value * 100).toFixed(1)}%`)),
    text(SIZE.left + width / 2, SIZE.height - 6, 'middle', 'false accepts an hour'),
    text(SIZE.left + 4, SIZE.top + 10, 'start', 'missed'),
    `<path d="M${SIZE.left},${SIZE.top}V${SIZE.top + height}H${SIZE.width - SIZE.right}" fill="none" stroke="#888"/>`,
    `<polyline points="${line}" fill="none" stroke="#1668b0" stroke-width="2"/>`,
    dot(now, 8, '#888', 'now'),
    ...(chosen === null ? [] : [dot(chosen, 8, '#c2410c', 'chosen')]),
    // Over the others: they are there to be pressed.
    ...front.flatMap(dotOf),
    text(
      SIZE.width - SIZE.right,
      SIZE.top + 10,
      'end',
      `grey: now${chosen === null ? '' : ', orange: chosen'}`,
    ),
    '</svg>\n',
  ].join('\n');
}

function told({ missed, words, falseAcceptsPerHour }: Outcome): string {
  return `${missed} of ${words} missed, ${Number((falseAcceptsPerHour * 24).toPrecision(2))} false a day`;
}

function missedShare({ missed, words }: Outcome): number {
  return words === 0 ? 0 : missed / words;
}

function ticks(most: number): readonly number[] {
  return Array.from({ length: TICKS + 1 }, (_, tick) => (most * tick) / TICKS);
}

function text(x: number, y: number, anchor: string, words: string): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="currentColor">${words}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
