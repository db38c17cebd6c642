const LINE_KEPT = 300;
/** How `arecord` (`arecord: main:831: ...`) and `sox` (`sox FAIL alsa: ...`) begin what they end with. */
const VERDICT = /^(arecord|sox|rec)(: | FAIL )/;
/** What ALSA says on the way there; what is printed for reference (hardware parameters, say) has none of it. */
const FAULT = /error|fail|unable|unknown|cannot|can't|not |no such|busy|denied|refused|invalid|unavailable/i;

/** Of what a recorder writes to stderr, the line that says why it ended: its own verdict, a fault, the last one. */
export class Complaint {
  #rest = '';
  #line = '';
  #rank = -1;

  /** Takes what was written; the lines that are whole now. */
  take(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LINE_KEPT);
    for (const line of lines) this.#weigh(line);
    return lines;
  }

  /** The telling line; empty where nothing was said. */
  line(): string {
    this.#weigh(this.#rest);
    return this.#line;
  }

  #weigh(raw: string): void {
    const line = raw.trim();
    if (line === '') return;
    const rank = VERDICT.test(line) ? 2 : FAULT.test(line) ? 1 : 0;
    if (rank < this.#rank) return;
    this.#rank = rank;
    this.#line = line.slice(0, LINE_KEPT);
  }
}
