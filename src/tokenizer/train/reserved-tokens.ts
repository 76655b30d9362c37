/** The tokens that every tokenizer trained here begins with. Their ids are their places in this list, whatever is trained. */

export interface ReservedToken {
  readonly content: string;
  /** Left out when text is decoded for people. Marks that a parser reads afterwards are not. */
  readonly special: boolean;
}

const SPARES = 64;

export const END_OF_TEXT = '<|endoftext|>';
export const PAD = '<|pad|>';
export const TURN_START = '<|im_start|>';
export const TURN_END = '<|im_end|>';

/** Opened and closed by the model or by its tools, and read by the code that runs them. */
const MARKS = ['tool_call', 'tool_response', 'think', 'calc', 'calc_result'];

export const RESERVED_TOKENS: readonly ReservedToken[] = [
  ...[END_OF_TEXT, PAD, TURN_START, TURN_END].map((content) => ({ content, special: true })),
  ...MARKS.flatMap((mark) => [`<${mark}>`, `</${mark}>`]).map((content) => ({ content, special: false })),
  ...Array.from({ length: SPARES }, (_, i) => ({ content: `<|spare_${i}|>`, special: true })),
];
