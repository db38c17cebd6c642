/** What sounds like a word, or holds what does. */
export interface NearWord {
  readonly text: string;
  /** Of the word's sounds, the share that is another: 0 the same, 1 nothing alike. */
  readonly distance: number;
}

/** What words of the same length did, typed, as people said them into microphones of their own. */
export interface Expectation {
  readonly missedShare: number;
  /** While people talk. */
  readonly falseAcceptsPerHour: number;
  /** What both were counted in. */
  readonly basis: string;
}

/** What is known of a word of the owner's before anybody listens for it. */
export interface WordOutlook {
  /** Its label in events. */
  readonly name: string;
  /** How it is said, in IPA, and who says so. */
  readonly ways: readonly {
    readonly ipa: string;
    readonly basis: 'dictionary' | 'network' | 'british' | 'given';
  }[];
  readonly expected: Expectation;
  /** `refuse`: it would disappoint. */
  readonly verdict: 'good' | 'doubtful' | 'refuse';
  /** Each in one sentence; empty for a good word. */
  readonly because: readonly string[];
  /** Longer phrases with it that would be taken; none where it is taken itself. */
  readonly longer: readonly string[];
  /** What else may wake it. */
  readonly near: {
    /** Words and phrases of English, the nearest first. */
    readonly everyday: readonly NearWord[];
    /** Words that are listened for, and hold this one, are held by it, or sound like it. */
    readonly own: readonly NearWord[];
  };
}
