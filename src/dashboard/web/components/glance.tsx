import { duration } from '../model/format.js';
import { house, isDeaf, muted, type SourceView, sources } from '../model/store.js';
import { sourceWording } from '../model/words.js';
import { MutedPill } from './mute.js';
import { Pill } from './pill.js';

/** Every source in a line: what it does, how long it still learns, whether it is deaf or muted. */
export function Glance() {
  const views = [...sources.value.values()].toSorted((a, b) => a.source.localeCompare(b.source));
  if (views.length === 0) return null;
  return (
    <ul class="glance" aria-label="Sources at a glance">
      {views.map((view) => (
        <li key={view.source} data-glance={view.source}>
          <span class="glance-name">{view.source}</span>
          <StatePill view={view} />
        </li>
      ))}
    </ul>
  );
}

/** What a source is doing. */
export function StatePill({ view }: { readonly view: SourceView }) {
  const { source, state, learningMs } = view;
  if (muted.value.has(source)) return <MutedPill source={source} />;
  const { text, tone, hint } = sourceWording(state, isDeaf(source));
  const still = learningMs === 0 ? text : `${text}, ${duration(learningMs)} still`;
  return <Pill tone={tone} text={still} hint={hint} live={tone === 'alert'} />;
}

/** The words that may be said, and what is understood after them. */
export function WhatToSay() {
  const { words, sentences } = house.value;
  const voices = Object.entries(words);
  if (voices.length === 0) return null;
  return (
    <details class="card say">
      <summary>
        <h2>What you can say</h2>
      </summary>
      {voices.map(([source, said]) => (
        <p key={source}>
          <span class="muted">In {source}, first one of</span>{' '}
          {said.map((word) => (
            <span class="chip" key={word}>
              {word.replaceAll('_', ' ')}
            </span>
          ))}
        </p>
      ))}
      {sentences.length === 0 ? null : (
        <>
          <p class="muted">then for example</p>
          <ul>
            {sentences.map(({ intent, say }) => (
              <li key={intent}>
                “{say}” <span class="muted small">{intent}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}
