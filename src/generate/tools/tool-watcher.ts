/**
 * Finds calls of tools in text while it is generated.
 *
 *     const watcher = new ToolWatcher([calculatorTool()]);
 *     const call = watcher.feed(stream.push(id), id);
 *     if (call) {
 *       const { spans } = await call.run(signal);
 *       // Take back the tokens of call.surplus, text that the model went on with behind the call,
 *       // then append the tokens of spans, marked as not sampled, and do not feed them.
 *     }
 */

import { UsageError } from '../../errors.ts';
import { StringAutomaton } from '../text/string-automaton.ts';
import { type DecodingTool, ToolError, type ToolTrigger } from './decoding-tool.ts';
import { failedInsertion, runTool, type ToolInsertion } from './tool-insertion.ts';

const MAX_TOOLS = 64;
const MAX_MARKER = 256;
const MAX_BODY = 1 << 16;
const DEFAULT_BODY = 4_096;

export interface ToolWatcherOptions {
  /** Calls that are run in one answer; further ones are answered with an error. Default 16. */
  readonly maxCalls?: number;
  /** Milliseconds that a tool may take. Default 10,000. */
  readonly timeLimit?: number;
}

export interface ToolCall {
  readonly tool: string;
  readonly body: string;
  /** The end of the text just fed, behind the call. The tool's answer comes in its place. */
  readonly surplus: string;
  /** What to insert behind the call. Rejects only when `signal` is aborted. */
  run(signal: AbortSignal): Promise<ToolInsertion>;
}

interface Watched {
  readonly tool: DecodingTool;
  /** Finds the end of a call, or another beginning, from which the call is then read: text before it was no call. */
  readonly inside: StringAutomaton;
  readonly maxBody: number;
}

const CLOSE = 0;

/**
 * Takes the text of one answer piece by piece, whatever the borders, with work linear in the text and memory for one
 * call. Text must come with special tokens shown and without waiting for stop strings. Insertions are not fed: nothing
 * that a tool says can call a tool, and no call is half generated and half inserted.
 */
export class ToolWatcher {
  readonly #watched: readonly Watched[];
  readonly #opens: StringAutomaton;
  readonly #maxCalls: number;
  readonly #timeLimit: number;
  #current: Watched | undefined;
  /** Of `#opens` outside a call, of the current tool's automaton inside. */
  #state = 0;
  #body = '';
  #calls = 0;

  /** Throws a `UsageError` for triggers that are empty, too long or not told apart. */
  constructor(tools: readonly DecodingTool[], { maxCalls = 16, timeLimit = 10_000 }: ToolWatcherOptions = {}) {
    if (tools.length > MAX_TOOLS) refuse('tools', `${tools.length} tools`, `at most ${MAX_TOOLS}`);
    checkInteger(maxCalls, 'maxCalls', 0, Number.MAX_SAFE_INTEGER);
    // Longer delays make a timer of Node.js fire at once.
    checkInteger(timeLimit, 'timeLimit', 1, 2 ** 31 - 1);
    for (const [i, { trigger }] of tools.entries()) {
      checkTrigger(trigger, `tools.${i}.trigger`);
      const same = tools.findIndex((other) => other.trigger.open === trigger.open);
      if (same < i) refuse(`tools.${i}.trigger.open`, `that of tools.${same}`, 'another one');
    }
    this.#opens = new StringAutomaton(tools.map(({ trigger }) => trigger.open));
    this.#watched = tools.map((tool) => ({
      tool,
      inside: new StringAutomaton([tool.trigger.close, tool.trigger.open]),
      maxBody: tool.trigger.maxBody ?? DEFAULT_BODY,
    }));
    this.#maxCalls = maxCalls;
    this.#timeLimit = timeLimit;
  }

  /** Calls found so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Takes the next text, which `id` was the last token of; returns the first call that it completes. */
  feed(text: string, id?: number): ToolCall | undefined {
    for (let i = 0; i < text.length; i++) {
      const tokenAtEnd = i === text.length - 1 ? id : undefined;
      if (this.#current === undefined) {
        this.#readOutside(text.charCodeAt(i), tokenAtEnd);
      } else {
        const call = this.#readInside(this.#current, text, i, tokenAtEnd);
        if (call) return call;
      }
    }
    return undefined;
  }

  #readOutside(unit: number, id: number | undefined): void {
    this.#state = this.#opens.step(this.#state, unit);
    const found = this.#watched[this.#opens.found(this.#state)];
    if (found !== undefined && isWrittenBy(found.tool.trigger.openId, id)) this.#begin(found);
  }

  #readInside(current: Watched, text: string, at: number, id: number | undefined): ToolCall | undefined {
    const { tool, inside, maxBody } = current;
    this.#state = inside.step(this.#state, text.charCodeAt(at));
    this.#body += text[at];
    const found = inside.found(this.#state);
    const { close, openId, closeId } = tool.trigger;
    if (found === CLOSE && isWrittenBy(closeId, id)) {
      const body = this.#body.slice(0, -close.length);
      this.#leave();
      return this.#call(tool, body, text.slice(at + 1));
    }
    if (found > CLOSE && isWrittenBy(openId, id)) {
      this.#begin(current);
    } else if (this.#body.length >= maxBody + close.length) {
      this.#leave();
    }
    return undefined;
  }

  #begin(watched: Watched): void {
    this.#current = watched;
    this.#state = 0;
    this.#body = '';
  }

  #leave(): void {
    this.#current = undefined;
    this.#state = 0;
    this.#body = '';
  }

  #call(tool: DecodingTool, body: string, surplus: string): ToolCall {
    const index = this.#calls++;
    const timeLimit = this.#timeLimit;
    const isAllowed = index < this.#maxCalls;
    return {
      tool: tool.name,
      body,
      surplus,
      run: async (signal) =>
        isAllowed
          ? runTool(tool, { body, index }, { signal, timeLimit })
          : failedInsertion(tool, new ToolError('no more calls in this answer')),
    };
  }
}

/** Where a marker is bound to a token, that token must have ended the text with it. */
const isWrittenBy = (required: number | undefined, id: number | undefined): boolean =>
  required === undefined || required === id;

function checkTrigger(trigger: ToolTrigger, field: string): void {
  for (const key of ['open', 'close'] as const) {
    const marker = trigger[key];
    if (marker === '') refuse(`${field}.${key}`, 'an empty string', 'at least one character');
    if (marker.length > MAX_MARKER) refuse(`${field}.${key}`, `${marker.length} UTF-16 units`, `at most ${MAX_MARKER}`);
  }
  checkInteger(trigger.maxBody ?? DEFAULT_BODY, `${field}.maxBody`, 0, MAX_BODY);
}

function checkInteger(value: number, field: string, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    refuse(field, String(value), `an integer from ${low} to ${high}`);
}

function refuse(field: string, found: string, expected: string): never {
  throw new UsageError({ field, found, expected, fix: 'Correct the tools given to the generation.' });
}
