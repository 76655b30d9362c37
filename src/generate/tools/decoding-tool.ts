/** Tools that a model calls inside its own text. */

export interface ToolTrigger {
  /** Begins a call, such as `[Calculator(`. At most 256 UTF-16 units, and different for each tool. */
  readonly open: string;
  /** Completes it, such as `)->`. */
  readonly close: string;
  /**
   * The tokens that must have written `open` and `close`, where a tokenizer has such tokens. Then text that only looks
   * like a call, which a model may copy from its prompt, is none.
   */
  readonly openId?: number;
  readonly closeId?: number;
  /** UTF-16 units between them, at most 65,536; what is longer is no call. Default 4,096. */
  readonly maxBody?: number;
}

export interface ToolMatch {
  /** The text between `open` and `close`. */
  readonly body: string;
  /** Calls before this one in the same answer. */
  readonly index: number;
}

export interface DecodingTool {
  readonly name: string;
  readonly trigger: ToolTrigger;
  /** Text around the answer, whether it is one or an error: the `]` of `[Calculator(1+2)->3]`. */
  readonly frame?: {
    readonly before?: string;
    readonly after?: string;
    /** Whether control tokens written in the frame are meant. In the answer they never are. Default false. */
    readonly hasControlTokens?: boolean;
  };
  /**
   * The answer to a call, which hostile text may have asked for. A `ToolError` tells the model what is wrong; of any
   * other exception it only learns that there was one. `signal` is aborted when nobody waits for the answer any more.
   */
  run(match: ToolMatch, signal: AbortSignal): string | Promise<string>;
}

/** An error that the model is told: `[error: division by zero]`. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
