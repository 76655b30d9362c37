/** What stands in the way of a merge, as data. */
export interface Finding {
  /** `impossible`: no merge element by element makes sense before it is dealt with. `caution`: one should know. */
  readonly severity: 'impossible' | 'caution';
  /** The model it is about, as a letter. */
  readonly model: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}
