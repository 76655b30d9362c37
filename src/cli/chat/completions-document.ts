/** What `finery generate --json` prints. */
import type { Completion, GenerationResult } from '../../generate/request.ts';
import type { TokenProbability } from '../../generate/sampling/sampler.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

export interface DocumentContext {
  readonly tokenizer: Tokenizer;
  readonly prompt: readonly number[];
  readonly flags: { readonly logprobs?: number; readonly echo?: boolean };
}

export function completionsDocument(result: GenerationResult, { tokenizer, prompt, flags }: DocumentContext) {
  const tell = ({ id, logProbability }: TokenProbability) => {
    return { id, token: tokenizer.tokenOf(id) ?? null, logprob: logProbability };
  };
  const describe = ({ text, tokens, finishReason }: Completion) => {
    const inserted = tokens.flatMap(({ sampled }, place) => (sampled ? [] : [place]));
    return {
      text,
      ids: tokens.map(({ id }) => id),
      logprobs: tokens.map(({ logProbability }) => logProbability),
      finish_reason: finishReason,
      ...(flags.logprobs !== undefined && { top_logprobs: tokens.map(({ top }) => top.map(tell)) }),
      ...(inserted.length > 0 && { inserted }),
    };
  };
  const logprobs = (result.promptTokens ?? []).map((token) => token?.logProbability ?? null);
  return {
    ...(flags.echo && { prompt: { text: tokenizer.decode(prompt), ids: prompt, logprobs } }),
    completions: result.completions.map(describe),
  };
}
