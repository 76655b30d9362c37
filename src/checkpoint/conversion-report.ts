/** What became of the tensors of a file that keeps a model in another form: of a GGUF file, or of a quantised folder. */
export interface ConversionReport {
  /** Parameter by stored name; several stored tensors make one parameter where it is quantised. */
  readonly mapped: ReadonlyMap<string, string>;
  /** Parameters that were not stored as floating-point numbers, with the form they had. */
  readonly dequantized: ReadonlyMap<string, string>;
  /** Parameters whose rows are put into another order. */
  readonly permuted: readonly string[];
  /** The head reads the embedding table. */
  readonly tied: boolean;
  /** Stored tensors that the model does not need, with the reason. */
  readonly ignored: ReadonlyMap<string, string>;
}
