import { connection, type SourceView, sources, spoken, version } from '../model/store.js';
import { Budgets } from './budgets.js';
import { FeedPanel } from './feed.js';
import { FunnelPanel } from './funnel.js';
import { Glance, WhatToSay } from './glance.js';
import { Header } from './header.js';
import { Notice } from './notice.js';
import { OwnWords } from './own-words.js';
import { SourceCard } from './source-card.js';
import { StagesPanel } from './stages.js';
import { Summary } from './summary.js';

/** The page. */
export function App() {
  const views = [...sources.value.values()].toSorted(byKindAndName);
  return (
    <>
      <Header />
      <main data-connection={connection.value}>
        <Glance />
        <Summary />
        <div class="columns">
          <section class="sources" aria-label="Sources">
            {views.length === 0 ? <p class="empty card">Waiting for the first source…</p> : null}
            {views.map((view) => (
              <SourceCard key={view.source} view={view} />
            ))}
            <WhatToSay />
            <OwnWords />
            <Budgets />
            <FunnelPanel />
          </section>
          <FeedPanel />
        </div>
        <StagesPanel />
      </main>
      <Notice />
      <p class="visually-hidden" aria-live="polite">
        {spoken.value}
      </p>
      <footer>Catnap {version.value}</footer>
    </>
  );
}

/** Voices before sensors, so that the page looks the same whoever speaks first. */
function byKindAndName(left: SourceView, right: SourceView): number {
  const rank = ({ description }: SourceView): number => (description?.kind === 'sensor' ? 1 : 0);
  return rank(left) - rank(right) || left.source.localeCompare(right.source);
}
