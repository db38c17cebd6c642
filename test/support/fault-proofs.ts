import { sourceTree } from './source-tree.js';

/** A test that is called by a row of the table of faults. */
export interface Proof {
  readonly row: number;
  readonly file: string;
  readonly title: string;
  /** It needs something that not every machine has. */
  readonly isConditional: boolean;
}

/** As in `row 13: ...` or `rows 19 and 21: ...`, with what stands before it. */
const CALLED = /([\w.]*(?:\(\w+\))?\(\s*|\[\s*|^\s*)(['"`])rows? ([\d, and]+): (.+?)\2(?=,)/gm;
/** A title and the function behind it, be it of `it`, `it.each(...)` or `it.runIf(...)`. */
const TEST = /(?:\bit|\))\(\s*(['"`])([^\n]+?)\1,\s*(?:\{[^}]*\},\s*)?(?:async )?\([^)]*\) =>/g;

/** All tests that are called by a row; a `describe` stands for the tests in it. */
export function faultProofs(): readonly Proof[] {
  return sourceTree('test').flatMap(({ path: file, text }) =>
    [...text.matchAll(CALLED)].flatMap(
      ({ index, 0: whole, 1: before = '', 3: numbers = '', 4: title = '' }) => {
        const isConditional = /runIf|skipIf/.test(before);
        const titles = before.includes('describe')
          ? testsIn(text.slice(index + whole.length)).map((test) => `${title}: ${test}`)
          : [title];
        const rows = (numbers.match(/\d+/g) ?? []).map(Number);
        return rows.flatMap((row) => titles.map((each) => ({ row, file, title: each, isConditional })));
      },
    ),
  );
}

/** Titles of the tests up to the end of a `describe`, which stands at the beginning of a line. */
function testsIn(text: string): readonly string[] {
  const [body = ''] = text.split(/^\}\)/m);
  return [...body.matchAll(TEST)].map(([, , title = '']) => title);
}
