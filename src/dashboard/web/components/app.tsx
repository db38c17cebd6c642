import { connection, sources, version } from '../store.js';
import { FeedPanel } from './feed.js';
import { FunnelPanel } from './funnel.js';
import { Header } from './header.js';
import { SourceCard } from './source-card.js';
import { StagesPanel } from './stages.js';
import { Summary } from './summary.js';

/** The page. */
export function App() {
  const views = [...sources.value.values()];
  return (
    <>
      <Header />
      <main data-connection={connection.value}>
        <Summary />
        <div class="columns">
          <section class="sources" aria-label="Sources">
            {views.length === 0 ? <p class="empty card">Waiting for the first source…</p> : null}
            {views.map((view) => (
              <SourceCard key={view.source} view={view} />
            ))}
            <FunnelPanel />
          </section>
          <FeedPanel />
        </div>
        <StagesPanel />
      </main>
      <footer>Catnap {version.value}</footer>
    </>
  );
}
