import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A button that opens a few choices; a click elsewhere or Escape closes them. */
export function Menu({
  name,
  label,
  children,
}: {
  readonly name: string;
  /** What it is called where its name alone does not say what it is about. */
  readonly label: string;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const host = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (host.current !== null) host.current.open = false;
  };
  useEffect(() => {
    const leave = (event: Event): void => {
      const inside = event.target instanceof Node && host.current?.contains(event.target) === true;
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !inside) close();
    };
    document.addEventListener('click', leave);
    document.addEventListener('keydown', leave);
    return () => {
      document.removeEventListener('click', leave);
      document.removeEventListener('keydown', leave);
    };
  }, []);
  return (
    <details class="menu" ref={host}>
      <summary class="plain" aria-label={label}>
        {name}
      </summary>
      <div class="choices card">{children(close)}</div>
    </details>
  );
}
