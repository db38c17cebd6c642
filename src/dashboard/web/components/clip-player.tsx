import { useState } from 'preact/hooks';
import type { EventOf } from '../../../core/events/events.js';
import { CLIPS_PATH } from '../../wire.js';

/** Plays what was heard, where it is kept. */
export function ClipPlayer({ clip }: { readonly clip: EventOf<'clip'> | null }) {
  const [isGone, setGone] = useState(false);
  if (clip === null) return null;
  if (isGone) return <p class="muted small">Its audio is not kept any more.</p>;
  return (
    // biome-ignore lint/a11y/useMediaCaption: a recording of the room has no captions
    <audio
      class="clip"
      controls
      preload="none"
      aria-label="What was heard"
      src={`.${CLIPS_PATH}${clip.file}`}
      onError={() => setGone(true)}
    />
  );
}
