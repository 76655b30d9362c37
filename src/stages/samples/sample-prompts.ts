/** What a model in training is asked to answer or go on with, so that people see what it learns. */
import { turnEnd } from '../../generate/prompt/answer-ends.ts';
import type { ToolName } from '../../generate/tools/named-tools.ts';
import type { Model } from '../../models/model.ts';
import { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import { encodeSpans } from '../../tokenizer/chat/encode-spans.ts';
import { sourcesOf } from '../../tokenizer/chat/template-sources.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { isAnswers, type MeasuredPart } from '../measure-sets.ts';

/** Settings under the names of a recipe. */
export interface SampleSettings {
  /** What to ask; null for beginnings of held-out documents and conversations. */
  readonly prompts: readonly string[] | null;
  /** How many of the held-out ones. */
  readonly count: number;
  /** Share of the run between samples while training; null for none on the way. */
  readonly every: number | null;
  readonly max_tokens: number;
}

/** All that an answer depends on beside the model, and where it comes from. */
export interface SamplePrompt {
  /** The set or where else it is from. */
  readonly source: string;
  readonly text: string;
  readonly ids: ArrayLike<number>;
  /** What a held-out document or conversation goes on with. */
  readonly expected: string | null;
  /** Longest answer. */
  readonly maxTokens: number;
  /** Tokens that end an answer. */
  readonly endIds: readonly number[];
  /** Tools that run when the answer calls them. */
  readonly tools: readonly ToolName[];
}

type Question = Pick<SamplePrompt, 'source' | 'text' | 'ids' | 'expected' | 'tools'>;

/** Tokens of a document that its continuation is asked for. */
const beginning = 32;

/** An encoder-decoder has no decoder by itself: it answers texts of any length, which no template writes. */
interface AskedModel extends Pick<Model, 'config'> {
  readonly decoder?: Model['decoder'];
  readonly tokenizer: Tokenizer;
}

/** Those that leave room for an answer. @param parts held-out parts of what the stage learns */
export async function samplePrompts(
  { config, decoder, tokenizer }: AskedModel,
  parts: readonly MeasuredPart[],
  settings: SampleSettings,
): Promise<SamplePrompt[]> {
  // A model that learns from documents alone goes on with a text; it does not answer.
  const sources = decoder && parts.some(isAnswers) ? sourcesOf(tokenizer.files) : undefined;
  const template = sources && sources.templates.size > 0 ? new ChatTemplate(sources) : undefined;
  try {
    const ends = [config.eos_token_id, tokenizer.eosId, template && (await turnEnd(template, tokenizer))].flat();
    const endIds = [...new Set(ends.filter((id): id is number => Number.isInteger(id)))];
    const tools = [...new Set(parts.flatMap(toolsOf))];
    const questions =
      settings.prompts === null
        ? heldOutPrompts(parts, { ...settings, tokenizer, endIds })
        : await Promise.all(settings.prompts.map((text) => asked(text, tools, { tokenizer, template })));
    const positions = decoder?.sizes.positions ?? Number.POSITIVE_INFINITY;
    const answerable = questions.filter(({ ids }) => ids.length > 0 && ids.length < positions);
    return answerable.map((question) => ({ ...question, maxTokens: settings.max_tokens, endIds }));
  } finally {
    await template?.close();
  }
}

const toolsOf = (part: MeasuredPart): readonly ToolName[] => (isAnswers(part) ? (part.tools ?? []) : []);

interface Asking {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
}

async function asked(text: string, tools: readonly ToolName[], { tokenizer, template }: Asking): Promise<Question> {
  const prompt = { source: 'prompts', text, expected: null, tools };
  if (!template) return { ...prompt, ids: tokenizer.encode(text) };
  const { spans } = await template.render([{ role: 'user', content: text }], { addGenerationPrompt: true });
  return { ...prompt, ids: encodeSpans(tokenizer, spans).ids };
}

/** From each set as many, evenly spaced in it. */
function heldOutPrompts(
  parts: readonly MeasuredPart[],
  {
    count,
    max_tokens,
    tokenizer,
    endIds,
  }: SampleSettings & { readonly tokenizer: Tokenizer; readonly endIds: readonly number[] },
): Question[] {
  return parts.flatMap((part, k) => {
    const share = Math.floor(count / parts.length) + (k < count % parts.length ? 1 : 0);
    const wanted = Math.min(share, part.documents.length);
    return Array.from({ length: wanted }, (_, i) => {
      const place = Math.floor((i * part.documents.length) / wanted);
      const { ids } = part.documents[place];
      const [from, to] = isAnswers(part)
        ? answerOf(part.documents[place], endIds)
        : [Math.min(beginning, Math.ceil(ids.length / 2)), ids.length];
      const decode = (start: number, end: number) =>
        tokenizer.decode(ids.subarray(start, end), { skipSpecialTokens: true });
      return {
        source: part.name,
        text: decode(0, from),
        ids: ids.subarray(0, from),
        expected: decode(from, Math.min(to, from + max_tokens)),
        tools: toolsOf(part),
      };
    });
  });
}

/**
 * The first answer of a conversation, [from, to): behind the question up to the token that ends it. What tools wrote into it
 * is a part of it, though it is not learnt.
 */
function answerOf(
  { ids, trained }: Extract<MeasuredPart, { answers: true }>['documents'][number],
  endIds: readonly number[],
): [number, number] {
  const from = Math.max(1, trained.indexOf(1));
  const end = ids.findIndex((id, i) => i >= from && trained[i] === 1 && endIds.includes(id));
  return [from, end < 0 ? trained.lastIndexOf(1) + 1 : end];
}
