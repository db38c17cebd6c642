import type { Tone } from '../model/words.js';

/** A short state with a dot of its colour. */
export function Pill({
  tone,
  text,
  hint,
  live,
}: {
  readonly tone: Tone;
  readonly text: string;
  readonly hint?: string;
  /** Whether the dot breathes. */
  readonly live?: boolean;
}) {
  return (
    <span class={`pill tone-${tone}${live === true ? ' breathing' : ''}`} title={hint}>
      <span class="dot" />
      {text}
    </span>
  );
}

/** `modelled` or `measured`, so that no figure passes for more than it is. */
export function Basis({ basis }: { readonly basis: 'measured' | 'modelled' }) {
  return (
    <span
      class={`basis ${basis}`}
      title={
        basis === 'modelled'
          ? 'Modelled: CPU time priced by the board’s published power figures'
          : 'Measured by a power sensor'
      }
    >
      {basis}
    </span>
  );
}
