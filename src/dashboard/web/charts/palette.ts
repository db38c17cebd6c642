/** Colours of the page's style sheet, for drawing on a canvas. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly level: string;
  readonly levelFill: string;
  readonly floor: string;
  readonly gate: string;
  readonly score: string;
  readonly scoreFill: string;
  readonly tones: Readonly<Record<string, string>>;
}

/** Reads the colours in force now. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: get('--ink'),
    muted: get('--muted'),
    grid: get('--grid'),
    level: get('--level'),
    levelFill: get('--level-fill'),
    floor: get('--floor'),
    gate: get('--gate'),
    score: get('--score'),
    scoreFill: get('--score-fill'),
    tones: {
      calm: get('--calm'),
      alert: get('--alert'),
      good: get('--good'),
      cloud: get('--cloud'),
      bad: get('--bad'),
      quiet: get('--muted'),
    },
  };
}
