/** What a model in training is asked to answer or go on with, so that people see what it learns. */
import { turnEnd } from '../../generate/prompt/answer-ends.ts';
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
  /** Share of the run between samples; null for its start and end only. */
  readonly every: number | null;
  readonly max_tokens: number;
}

interface SamplePrompt {
  /** The set or where else it is from. */
  readonly source: string;
  readonly text: string;
  readonly ids: ArrayLike<number>;
  /** What a held-out document or conversation goes on with. */
  readonly expected: string | null;
}

export interface SamplePrompts {
  readonly prompts: readonly SamplePrompt[];
  /** Tokens that end an answer. */
  readonly endIds: readonly number[];
}

/** Tokens of a document that its continuation is asked for. */
const beginning = 32;

/** @param parts held-out parts of what the stage learns */
export async function samplePrompts(
  { config, tokenizer }: Pick<Model, 'config'> & { readonly tokenizer: Tokenizer },
  parts: readonly MeasuredPart[],
  settings: SampleSettings,
): Promise<SamplePrompts> {
  // A model that learns from documents alone goes on with a text; it does not answer.
  const sources = parts.some(isAnswers) ? sourcesOf(tokenizer.files) : undefined;
  const template = sources && sources.templates.size > 0 ? new ChatTemplate(sources) : undefined;
  try {
    const ends = [config.eos_token_id, tokenizer.eosId, template && (await turnEnd(template, tokenizer))].flat();
    const prompts =
      settings.prompts === null
        ? heldOutPrompts(parts, settings, tokenizer)
        : await Promise.all(settings.prompts.map((text) => asked(text, tokenizer, template)));
    return { prompts, endIds: [...new Set(ends.filter((id): id is number => Number.isInteger(id)))] };
  } finally {
    await template?.close();
  }
}

async function asked(text: string, tokenizer: Tokenizer, template: ChatTemplate | undefined): Promise<SamplePrompt> {
  const prompt = { source: 'prompts', text, expected: null };
  if (!template) return { ...prompt, ids: tokenizer.encode(text) };
  const { spans } = await template.render([{ role: 'user', content: text }], { addGenerationPrompt: true });
  return { ...prompt, ids: encodeSpans(tokenizer, spans).ids };
}

/** From each set as many, evenly spaced in it. */
function heldOutPrompts(
  parts: readonly MeasuredPart[],
  { count, max_tokens }: SampleSettings,
  tokenizer: Tokenizer,
): SamplePrompt[] {
  return parts.flatMap((part, k) => {
    const share = Math.floor(count / parts.length) + (k < count % parts.length ? 1 : 0);
    const wanted = Math.min(share, part.documents.length);
    return Array.from({ length: wanted }, (_, i) => {
      const place = Math.floor((i * part.documents.length) / wanted);
      const { ids } = part.documents[place];
      const [from, to] = isAnswers(part)
        ? answerOf(part.documents[place].trained)
        : [Math.min(beginning, Math.ceil(ids.length / 2)), ids.length];
      const decode = (start: number, end: number) =>
        tokenizer.decode(ids.subarray(start, end), { skipSpecialTokens: true });
      return {
        source: part.name,
        text: decode(0, from),
        ids: ids.subarray(0, from),
        expected: decode(from, Math.min(to, from + max_tokens)),
      };
    });
  });
}

/** The first answer of a conversation: [from, to) of what is learnt, before which the question stands. */
function answerOf(trained: Uint8Array): [number, number] {
  const from = Math.max(1, trained.indexOf(1));
  const end = trained.indexOf(0, from);
  return [from, end < 0 ? trained.length : end];
}
