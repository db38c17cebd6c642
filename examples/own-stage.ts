import { FileSource, listen, type Stage } from 'catnap';

// A stage of one's own in place of the wake word: it believes in whatever is loud.
const bang: Stage = {
  name: 'bang',
  budgetMs: 100,
  decide({ data }) {
    const peak = data.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
    const kind = peak > 0.25 ? 'accept' : 'reject';
    return {
      kind,
      stage: 'bang',
      label: 'bang',
      score: peak,
      confidence: Math.min(1, peak),
      contributions: [],
    };
  },
  reset() {},
  async dispose() {},
};

await listen({
  source: new FileSource({ id: 'door', path: 'door.wav' }),
  cascade: { kind: 'voice', heavy: { enabled: false }, utterance: { enabled: false } },
  stages: { tiny: bang },
  onEvent(event) {
    if (event.type === 'verified') console.log(`${event.atMs} ms: ${event.label}`);
  },
});
