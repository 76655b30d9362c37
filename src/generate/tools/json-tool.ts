import { type DecodingTool, ToolError, type ToolTrigger } from './decoding-tool.ts';

/** `args` come from the model's text and are not validated; a result that is no string is written as JSON. */
export type ToolFunction = (args: Readonly<Record<string, unknown>>, signal: AbortSignal) => unknown;

export interface JsonToolOptions extends Partial<ToolTrigger> {
  /** Text around the answer. Default `<tool_response>` and `</tool_response>`, each on a line. */
  readonly frame?: DecodingTool['frame'];
}

/**
 * Calls of functions in JSON between two marks, `<tool_call>{"name": "quote", "arguments": {"symbol": "F"}}</tool_call>`,
 * as Hermes and Qwen models write them. Give `openId` and `closeId` where the tokenizer has tokens for the marks.
 */
export function jsonTool(
  functions: ReadonlyMap<string, ToolFunction>,
  { frame = RESPONSE, ...trigger }: JsonToolOptions = {},
): DecodingTool {
  return {
    name: 'functions',
    trigger: { open: '<tool_call>', close: '</tool_call>', ...trigger },
    frame,
    run: async ({ body }, signal) => {
      const { name, args } = readCall(body);
      const called = functions.get(name);
      if (called === undefined) throw new ToolError(`unknown tool ${JSON.stringify(name.slice(0, 64))}`);
      const result = await called(args, signal);
      return typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null');
    },
  };
}

const RESPONSE = { before: '\n<tool_response>\n', after: '\n</tool_response>\n', hasControlTokens: true };

function readCall(body: string): { readonly name: string; readonly args: Readonly<Record<string, unknown>> } {
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch {
    throw new ToolError('the call is not valid JSON');
  }
  if (!isRecord(call) || typeof call.name !== 'string') throw new ToolError('the call has no name');
  const args = Object.hasOwn(call, 'arguments') ? call.arguments : {};
  if (!isRecord(args)) throw new ToolError('the arguments are not an object');
  return { name: call.name, args };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
