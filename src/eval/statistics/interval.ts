/** A value and where it would probably lie on other draws of the same size. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
