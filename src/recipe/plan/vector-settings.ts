/** How the models of contrastive stages will make vectors, before there is any: what each stage says, and what it inherits. */
import { embeddingSettings } from '../../embed/embedder.ts';
import { prefixesOf } from '../../embed/measure-retrieval.ts';
import type { SentenceModules } from '../../embed/sentence-modules.ts';
import type { Encoder } from '../../models/encoder.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { ofStage } from '../of-stage.ts';
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
  for (const stage of stages.filter(isContrastiveStage)) {
    const { name, from, contrastive } = stage;
    const said = from === BASE ? base : settings.get(from);
    const { pooling, max_length: maxLength } = contrastive;
    const chosen = ofStage(stage, () =>
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
