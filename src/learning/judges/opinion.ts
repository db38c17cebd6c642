/** What a judge holds of an answer, be it of a model in a cloud or of a stage on the device. */
export interface Opinion {
  /** That the answer is good enough, 0 to 1. */
  readonly confidence: number;
  /** What counted most, in a few words; nothing of the answer itself. */
  readonly because: string;
}
