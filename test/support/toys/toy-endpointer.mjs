// An end-pointer of one's own: takes whatever is louder than it is told for speech.
export const stage = ({ level = 0.05 }, { name, budgetMs }) => ({
  name,
  budgetMs,
  decide({ data }) {
    const score = data.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
    const kind = score > level ? 'accept' : 'reject';
    return { kind, stage: name, label: 'speech', score, confidence: Math.min(1, score), contributions: [] };
  },
  reset() {},
  async dispose() {},
});
