/** Text to ids and back, without the tokens that frame a sequence: what differs between kinds of vocabulary. */
export interface Codec {
  /**
   * Ids of `text`, which holds no lone surrogates. Control tokens written in it are ordinary text unless
   * `allowSpecial` is set; other added tokens are always found.
   */
  encode(text: string, allowSpecial: boolean): Int32Array;
  /** The text of `ids`, all of which are in the vocabulary. */
  decode(ids: readonly number[]): string;
}
