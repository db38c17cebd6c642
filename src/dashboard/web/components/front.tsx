import { useEffect, useRef, useState } from 'preact/hooks';
import { type DoneReply, replyTo } from '../model/commands.js';

interface FrontProps {
  readonly source: string;
  readonly days: number;
  /** A point was pressed: from when it believes. */
  readonly onAccept: (accept: number) => void;
}

/** The server's drawing of what each threshold of heavy would have missed and taken for a word. */
export function Front({ source, days, onAccept }: FrontProps) {
  const [drawn, show] = useState<DoneReply | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The server's own drawing, of numbers alone.
    if (place.current !== null) place.current.innerHTML = drawn?.svg ?? '';
  }, [drawn]);
  useEffect(() => {
    const press = ({ target }: Event) => {
      const accept = target instanceof Element ? target.getAttribute('data-accept') : null;
      if (accept !== null) onAccept(Number(accept));
    };
    const { current } = place;
    current?.addEventListener('click', press);
    return () => current?.removeEventListener('click', press);
  }, [onAccept]);
  const draw = async () => show(await replyTo({ kind: 'front', source, days }));
  return (
    <figure class="front">
      <button type="button" class="plain" onClick={() => void draw()}>
        Draw the front
      </button>
      <div ref={place} role="img" aria-label="Missed words over false accepts an hour" />
      {drawn === null ? null : (
        <figcaption class="muted small">Drawn {drawn.detail}. Press a point to try it.</figcaption>
      )}
    </figure>
  );
}
