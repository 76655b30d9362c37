/** How the models of contrastive stages will make vectors, before there is any: what each stage says, and what it inherits. */
import { embeddingSettings } from '../../embed/embedder.ts';
import { prefixesOf } from '../../embed/measure-retrieval.ts';
import type { SentenceModules } from '../../embed/sentence-modules.ts';
import { UsageError } from '../../errors.ts';
import type { Encoder } from '../../models/encoder.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { Recipe } from '../schema/recipe.ts';
import { BASE } from '../schema/stage-names.ts';
import { isContrastiveStage } from '../stage.ts';

export interface VectorSettings extends SentenceModules {
  readonly maxLength: number;
  /** Tokens that the longer of the two prefixes adds to a text, or one fewer. */
  readonly prefixTokens: number;
}

/**
 * By name of the stage.
 * @param base what the folder of the base says; a language model of the run says nothing
 * @throws UsageError as `embeddingSettings`, naming the stage
 */
export function vectorSettings(
  { stages }: Pick<Recipe, 'stages'>,
  model: { readonly encoder: Encoder; readonly tokenizer: Tokenizer },
  base: SentenceModules | undefined,
): ReadonlyMap<string, VectorSettings> {
  const settings = new Map<string, VectorSettings>();
  const tokensOf = (text: string) => model.tokenizer.encode(text).length;
  for (const { name, from, contrastive } of stages.filter(isContrastiveStage)) {
    const said = from === BASE ? base : settings.get(from);
    const { pooling, max_length: maxLength } = contrastive;
    const chosen = ofStage(name, () =>
      embeddingSettings(model, said, { pooling: pooling ?? undefined, maxLength: maxLength ?? undefined }),
    );
    const inherited = prefixesOf(chosen);
    const { query, document } = contrastive.prefixes;
    const prompts = {
      ...chosen.prompts,
      query: query ?? inherited.query,
      document: document ?? inherited.document,
    };
    const prefixTokens = Math.max(tokensOf(prompts.query), tokensOf(prompts.document)) - tokensOf('');
    settings.set(name, { ...chosen, prompts, prefixTokens });
  }
  return settings;
}

/** Says of which stage's field an error is. */
export function ofStage<T>(stage: string, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { field, ...problem } = error.problem;
    const named = field === 'maxLength' ? 'max_length' : field;
    throw new UsageError({ field: `${named} of the stage ${stage}`, ...problem }, { cause: error });
  }
}
