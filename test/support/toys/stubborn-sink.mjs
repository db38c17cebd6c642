// A sink that breaks its contract: fails at once, fails late, and never closes.
let published = 0;

export const sink = () => ({
  publish() {
    published += 1;
    if (published % 2 === 1) throw new Error('toy refuses');
    return Promise.reject(new Error('toy refuses late'));
  },
  close: () => new Promise(() => {}),
});
