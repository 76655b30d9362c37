/**
 * Token ids of an example with the mask of what is learnt from it: of a conversation what the assistant says, the token
 * that ends each of its turns included; of a prompt and its completion the completion and the end token.
 */
import { InputError } from '../../errors.ts';
import type { ChatTemplate, RenderOptions } from '../../tokenizer/chat/chat-template.ts';
import { type EncodedChat, encodeSpans } from '../../tokenizer/chat/encode-spans.ts';
import type { ChatSpan } from '../../tokenizer/chat/render-chat.ts';
import { encodeContinuation } from '../../tokenizer/encode-continuation.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { encodePair, withoutEnd } from './encode-pair.ts';
import type { Completion, Conversation, Example } from './example.ts';
import { type ToolMarks, untrainInsertions } from './tool-insertions.ts';

export interface ExampleEncoder {
  readonly tokenizer: Tokenizer;
  /** Where a model has none, it can learn prompts and completions only. */
  readonly template: ChatTemplate | undefined;
  /** The control token that the template writes at the end of an answer, where it writes one. */
  readonly turnEnd: number | undefined;
  /** Tools whose insertions in answers are not learnt. Default none. */
  readonly toolMarks?: readonly ToolMarks[];
  /** For an encoder-decoder, see `encodePair`; then template and tools have no part in it. Default no. */
  readonly asPairs?: boolean;
}

/** Templates that tell the date tell this one: the same file gives the same ids on any day. */
const TOLD_DATE = new Date(0);

/** @throws InputError for what the template refuses, or where nothing is left to learn */
export async function encodeExample(
  example: Example,
  encoder: ExampleEncoder,
  signal?: AbortSignal,
): Promise<EncodedChat> {
  if (encoder.asPairs) return encodePair(example, encoder.tokenizer);
  return 'messages' in example
    ? encodeConversation(example, encoder, signal)
    : encodeCompletion(example, encoder.tokenizer);
}

async function encodeConversation(
  conversation: Conversation,
  { tokenizer, template, turnEnd, toolMarks = [] }: ExampleEncoder,
  signal: AbortSignal | undefined,
): Promise<EncodedChat> {
  const { messages, tools, untrained, given = '' } = conversation;
  if (template === undefined) throw withoutTemplate();
  const options: RenderOptions = { tools, now: TOLD_DATE, forTraining: true, signal };
  const { spans } = await template.render(messages, options);
  const kept = untrained.size === 0 ? spans : await silence(spans, conversation, template, options);
  const begun = given === '' ? kept : untrainBeginning(kept, given);
  const { ids, trained } = encodeSpans(tokenizer, untrainInsertions(begun, toolMarks));
  // A template's generation blocks may leave the end of the turn out: a model that never learns it never stops.
  for (let i = 1; i < ids.length; i++) if (ids[i] === turnEnd && trained[i - 1] === 1) trained[i] = 1;
  return { ids, trained };
}

/**
 * Spans with the training of some answers turned off. The text of an answer is what the template adds to the conversation
 * when it comes last, which holds for templates that write one message after the other.
 */
async function silence(
  spans: readonly ChatSpan[],
  { messages, untrained }: Conversation,
  template: ChatTemplate,
  options: RenderOptions,
): Promise<readonly ChatSpan[]> {
  const whole = textOf(spans);
  const silent: { readonly from: number; readonly to: number }[] = [];
  let from = 0;
  for (const [i, { role }] of messages.entries()) {
    if (role !== 'assistant') continue;
    const isLast = i === messages.length - 1;
    const upTo = isLast ? whole : textOf((await template.render(messages.slice(0, i + 1), options)).spans);
    const goesOn = messages[i + 1]?.role !== 'assistant' && isTrainedAt(spans, upTo.length);
    if (!whole.startsWith(upTo) || goesOn) throw cannotSilence(i);
    if (untrained.has(i)) silent.push({ from, to: upTo.length });
    from = upTo.length;
  }
  return silent.reduce(untrainRange, spans);
}

/** The beginning of the last answer as a span of its own, whose tokens are those of a prompt that ends with it. */
function untrainBeginning(spans: readonly ChatSpan[], given: string): readonly ChatSpan[] {
  const last = spans.findLastIndex(({ source, trained }) => source === 'content' && trained);
  const answer = spans[last];
  if (!answer?.text.startsWith(given)) {
    throw new InputError({
      field: 'messages',
      found: `a chat template that does not write the last answer as it stands, with ${JSON.stringify(given)} first`,
      expected: 'one that does, to learn what comes after its beginning',
      fix: 'Use a model whose template writes answers unchanged.',
    });
  }
  const parts = [
    { ...answer, text: given, trained: false },
    { ...answer, text: answer.text.slice(given.length) },
  ];
  return [...spans.slice(0, last), ...parts, ...spans.slice(last + 1)];
}

function isTrainedAt(spans: readonly ChatSpan[], place: number): boolean {
  let left = place;
  for (const { text, trained } of spans) {
    if (left < text.length) return trained;
    left -= text.length;
  }
  return false;
}

function untrainRange(spans: readonly ChatSpan[], { from, to }: { readonly from: number; readonly to: number }) {
  let end = 0;
  return spans.flatMap((span) => {
    const start = end;
    end += span.text.length;
    if (!span.trained) return [span];
    const [left, right] = [from, to].map((at) => Math.min(Math.max(at - start, 0), span.text.length));
    const parts = [
      { ...span, text: span.text.slice(0, left) },
      { ...span, text: span.text.slice(left, right), trained: false },
      { ...span, text: span.text.slice(right) },
    ];
    return parts.filter(({ text }) => text !== '');
  });
}

const textOf = (spans: readonly ChatSpan[]): string => spans.map(({ text }) => text).join('');

function encodeCompletion({ prompt, completion }: Completion, tokenizer: Tokenizer): EncodedChat {
  const asked = tokenizer.encode(prompt, { addSpecialTokens: false });
  const { bosId, eosId } = tokenizer;
  const answer = encodeContinuation(tokenizer, withoutEnd(completion, tokenizer));
  const beginsText = bosId !== undefined && tokenizer.encode(prompt)[0] === bosId;
  const context = beginsText ? [bosId, ...asked] : [...asked];
  const learnt = eosId === undefined ? [...answer] : [...answer, eosId];
  const trained = new Uint8Array(context.length + learnt.length).fill(1, context.length);
  return { ids: Int32Array.from([...context, ...learnt]), trained };
}

function withoutTemplate(): InputError {
  return new InputError({
    field: 'messages',
    found: 'a conversation for a model without a chat template',
    expected: 'chat_template.jinja, or chat_template in tokenizer_config.json',
    fix: 'Add a template to the model, or give a prompt and a completion as text.',
  });
}

function cannotSilence(message: number): InputError {
  return new InputError({
    field: `messages.${message}`,
    found: 'a chat template that writes earlier messages differently when others follow',
    expected: 'one that writes message after message, to leave single answers out',
    fix: 'Remove trained and weight, or cut the conversation before the answers that are not to be learnt.',
  });
}
