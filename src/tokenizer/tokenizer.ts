/** What the rest of Finery knows of a tokenizer. */

interface EncodeOptions {
  /** Put the tokens around the text that the model expects, such as `<s>`. Default true, as in Hugging Face. */
  readonly addSpecialTokens?: boolean;
  /**
   * Let special tokens written in the text become their ids. Default false: text is data, and only what renders a
   * chat template or a prompt of our own may write control tokens.
   */
  readonly allowSpecial?: boolean;
}

interface DecodeOptions {
  /** Leave out special tokens. Default false. */
  readonly skipSpecialTokens?: boolean;
}

/** A file to carry into saved checkpoints. */
export interface TokenizerFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Tokenizer {
  /** What makes the tokens: `byte-level BPE`, `BPE`, `WordPiece`, `Unigram` or `bytes`. */
  readonly kind: string;
  /** Ids run from 0 to vocabSize - 1. */
  readonly vocabSize: number;
  /** Lone surrogates are read as U+FFFD. Throws an `InputError` for text that the vocabulary cannot spell. */
  encode(text: string, options?: EncodeOptions): Int32Array;
  /** Bytes that are not UTF-8 become U+FFFD, or nothing in ByT5's. Throws an `InputError` for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /** The bytes that a token stands for, shared and not to be changed; they add up to the text if `exactBytes`. */
  tokenBytes(id: number): Uint8Array;
  /** Whether `tokenBytes` is exact, so that bits per byte can be counted token by token. */
  readonly exactBytes: boolean;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** Tokens that `skipSpecialTokens` leaves out. */
  readonly specialIds: ReadonlySet<number>;
  /** Tokens that plain text never becomes: the special ones, and marks of tools, thoughts and calculations. */
  readonly controlIds: ReadonlySet<number>;
  readonly files: readonly TokenizerFile[];
  /** SHA-256 of the names and contents of `files`, in hexadecimal. */
  readonly hash: string;
}
