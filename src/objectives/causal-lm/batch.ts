/** What one pass through a model reads; arrays are row-major [rows, length]. */
export interface TokenBatch {
  readonly rows: number;
  readonly length: number;
  readonly ids: Int32Array;
  /** Which example a token belongs to; tokens of different examples never see each other. 0 is padding. */
  readonly segments: Int32Array;
  /** Position inside its example. */
  readonly positions: Int32Array;
  /** The token to predict at each place, -1 where nothing is predicted. */
  readonly labels: Int32Array;
}
