/** Renders a conversation to spans, inside the worker: everything here is a pure function of the request. */

import { type CompiledTemplate, compileTemplate } from './compile-template.ts';
import { Environment, type Value } from './jinja-library.ts';
import { LimitError, Limits, MAX_TEMPLATE_LENGTH } from './limits.ts';
import type { JsonObject } from './messages.ts';
import { range } from './python-range.ts';
import { strftime } from './strftime.ts';
import { type ContentSource, ELSEWHERE, type Piece, plain, TEMPLATE, type TracedText } from './traced-text.ts';
import { TracingInterpreter } from './tracing-interpreter.ts';
import { type MaskedPiece, maskTurns } from './turn-mask.ts';

/** Names that a caller's variables may not take. */
export const RESERVED_NAMES: readonly string[] = [
  ...['true', 'false', 'none', 'True', 'False', 'None', 'namespace', 'loop'],
  ...['range', 'strftime_now', 'raise_exception'],
  ...['messages', 'tools', 'documents', 'add_generation_prompt'],
];

/** Validated by the sender. */
export interface RenderRequest {
  readonly template: string;
  readonly messages: readonly JsonObject[];
  readonly tools: readonly JsonObject[] | null;
  readonly documents: readonly JsonObject[] | null;
  readonly variables: JsonObject;
  /** `bos_token` and its kind: text that may become special tokens. */
  readonly specialTokens: JsonObject;
  readonly addGenerationPrompt: boolean;
  readonly continueFinalMessage: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Text of one source that is trained on or not. */
export interface ChatSpan {
  readonly text: string;
  readonly source: 'template' | 'content';
  /** Whether a model is trained to say this. */
  readonly trained: boolean;
}

/**
 * How `trained` was found: by the template's generation blocks, by the turns that it writes, or not at all, because
 * the template writes an assistant's text elsewhere. In that case nothing is trained.
 */
export type Masking = 'generation' | 'turns' | 'none';

export type RenderReply =
  | { readonly ok: true; readonly spans: readonly ChatSpan[]; readonly masking: Masking }
  | {
      readonly ok: false;
      readonly kind: 'raised' | 'syntax' | 'limit' | 'failed' | 'dropped';
      readonly message: string;
    };

/** The template called `raise_exception`. */
class RaisedError extends Error {}

/** `compile` may remember templates that it has compiled. */
export function renderChat(request: RenderRequest, compile = compileTemplate): RenderReply {
  let template: CompiledTemplate;
  try {
    if (request.template.length > MAX_TEMPLATE_LENGTH)
      throw new LimitError(`is over ${MAX_TEMPLATE_LENGTH} characters`);
    template = compile(request.template);
  } catch (error) {
    return { ok: false, kind: error instanceof LimitError ? 'limit' : 'syntax', message: messageOf(error) };
  }
  try {
    const whole = renderTraced(template, request);
    const text = request.continueFinalMessage ? upToContinued(whole) : whole;
    if (text === undefined) return { ok: false, kind: 'dropped', message: '' };
    const { pieces, masking } = mask(template, request, text);
    return { ok: true, spans: toSpans(pieces), masking };
  } catch (error) {
    if (error instanceof RaisedError) return { ok: false, kind: 'raised', message: error.message };
    const isLimit = error instanceof LimitError || error instanceof RangeError;
    return { ok: false, kind: isLimit ? 'limit' : 'failed', message: messageOf(error) };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function renderTraced(template: CompiledTemplate, request: RenderRequest): TracedText {
  const globals = new Environment();
  const interpreter = new TracingInterpreter(template, globals, new Limits());
  const constants = { true: true, false: false, none: null, True: true, False: false, None: null };
  for (const [name, value] of Object.entries(constants)) globals.set(name, value);
  globals.set('range', range);
  globals.set('strftime_now', (format: unknown) => strftime(new Date(request.now), String(format)));
  globals.set('raise_exception', (message: unknown) => {
    throw new RaisedError(String(message));
  });
  for (const [name, value] of Object.entries(request.specialTokens))
    interpreter.label(globals.set(name, value), TEMPLATE);
  globals.set('add_generation_prompt', request.addGenerationPrompt);
  const { tools, documents } = request;
  for (const [name, value] of Object.entries({ tools, documents, ...request.variables })) {
    interpreter.label(globals.set(name, value), ELSEWHERE);
  }
  labelMessages(globals.set('messages', request.messages), request, interpreter);
  return interpreter.render();
}

function labelMessages(value: Value, request: RenderRequest, interpreter: TracingInterpreter): void {
  const messages = Array.isArray(value.value) ? (value.value as readonly Value[]) : [];
  for (const [i, message] of messages.entries()) {
    const source: ContentSource = { kind: 'content', message: i, continued: false };
    interpreter.label(message, source);
    const fields = message.value instanceof Map ? message.value : new Map<string, Value>();
    const role = fields.get('role');
    if (role !== undefined) interpreter.label(role, TEMPLATE);
    if (i < messages.length - 1 || !request.continueFinalMessage) continue;
    let content = fields.get('content');
    // Of several parts the last is continued.
    const part = Array.isArray(content?.value) ? (content.value as readonly Value[]).at(-1) : undefined;
    if (part?.value instanceof Map) content = part.value.get('text');
    if (content !== undefined) interpreter.label(content, { ...source, continued: true });
  }
}

/** What comes before and in the text that is to be continued; undefined if the template leaves that text out. */
function upToContinued(text: TracedText): TracedText | undefined {
  const last = text.findLastIndex(({ source }) => source.kind === 'content' && source.continued);
  return last < 0 ? undefined : text.slice(0, last + 1);
}

function mask(
  template: CompiledTemplate,
  request: RenderRequest,
  text: TracedText,
): { readonly pieces: readonly MaskedPiece[]; readonly masking: Masking } {
  if (template.hasGenerationBlocks) {
    return { pieces: text.map((piece) => ({ ...piece, trained: piece.generated })), masking: 'generation' };
  }
  const speakers = new Set<number>();
  for (const [i, { role }] of request.messages.entries()) if (role === 'assistant') speakers.add(i);
  const prompt = speakers.size > 0 ? generationPrompt(template, request, Math.max(...speakers)) : '';
  const pieces = maskTurns(text, speakers, prompt);
  if (pieces !== undefined) return { pieces, masking: 'turns' };
  return { pieces: text.map((piece) => ({ ...piece, trained: false })), masking: 'none' };
}

/**
 * What `add_generation_prompt` adds to the messages before the last that an assistant says, or else to all of them;
 * undefined if the template refuses both, or changes what came before.
 */
function generationPrompt(template: CompiledTemplate, request: RenderRequest, last: number): string | undefined {
  for (const messages of last > 0 ? [request.messages.slice(0, last), request.messages] : [request.messages]) {
    const written = (addGenerationPrompt: boolean): string =>
      plain(renderTraced(template, { ...request, messages, addGenerationPrompt }));
    try {
      const without = written(false);
      const prompted = written(true);
      if (prompted.startsWith(without)) return prompted.slice(without.length);
    } catch (error) {
      // Some templates want whole conversations: then those are tried.
      if (error instanceof LimitError) throw error;
    }
  }
  return undefined;
}

function toSpans(pieces: readonly (Piece & { readonly trained: boolean })[]): ChatSpan[] {
  const spans: ChatSpan[] = [];
  for (const { text, source, trained } of pieces) {
    const last = spans.at(-1);
    if (last?.source === source.kind && last.trained === trained) {
      spans[spans.length - 1] = { ...last, text: last.text + text };
    } else {
      spans.push({ text, source: source.kind, trained });
    }
  }
  return spans;
}
