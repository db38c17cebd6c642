import type { CascadeEvent } from '../../../core/events/events.js';
import { moment } from '../model/format.js';
import { sentence } from '../model/words.js';

/** An event of a type this page does not know: its name, and the whole of it on demand. */
export function Unknown({ event }: { readonly event: CascadeEvent }) {
  const { type } = event as { readonly type: string };
  return (
    <details class="card unknown">
      <summary>
        <span class="line-title">{sentence(type)}</span>
        <span class="muted small">{event.measured === null ? '' : moment(event.measured.wallTime)}</span>
      </summary>
      <pre>{JSON.stringify(event, null, 2)}</pre>
    </details>
  );
}
