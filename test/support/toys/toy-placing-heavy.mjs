// A heavy of one's own that believes what it is shown, and says where the word ended when asked that; of what is loud it
// cannot.
export const stage = (_options, { name, budgetMs }) => ({
  name,
  budgetMs,
  decide({ data, noticed }) {
    const [label = 'word'] = [...(noticed ?? new Map()).keys()];
    return { kind: 'accept', stage: name, label, score: data[0], confidence: 1, contributions: [] };
  },
  endOf({ data, startSample }) {
    if (data[0] > 0.5) throw new Error('too loud to place');
    return startSample + 800;
  },
  reset() {},
  async dispose() {},
});
