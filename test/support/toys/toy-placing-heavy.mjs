// A heavy of one's own that believes what it is shown, and says where the word ended only when asked again; of what is
// loud it cannot.
export const stage = (_options, { name, budgetMs }) => ({
  name,
  budgetMs,
  decide({ data, startSample, noticed, believed }) {
    const [woke = 'word'] = [...(noticed ?? new Map()).keys()];
    const verdict = { kind: 'accept', stage: name, score: data[0], confidence: 1, contributions: [] };
    if (believed === undefined) return { ...verdict, label: woke, placesEnd: true };
    if (data[0] > 0.5) throw new Error('too loud to place');
    return { ...verdict, label: believed, score: 1, endSample: startSample + 800 };
  },
  reset() {},
  async dispose() {},
});
