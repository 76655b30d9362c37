/** What every model of a run is asked: the prompts of all stages that take samples, so that answers stand side by side. */
import { type SamplePrompt, samplePrompts } from '../../stages/samples/sample-prompts.ts';
import { isPairwise, type Prepared } from '../prepare.ts';
import type { Recipe } from '../schema/recipe.ts';
import { isTrainingStage, setsOf, settingsOf } from '../stage.ts';
import { hashOfPrompt } from './kept-samples.ts';

/** Each once, in the order of the stages. */
export async function promptsOfRun(
  { stages }: Pick<Recipe, 'stages'>,
  { language, sets }: Pick<Prepared, 'language' | 'sets'>,
): Promise<SamplePrompt[]> {
  if (!language) return [];
  const { config, tokenizer } = language.model;
  if (!tokenizer) return [];
  const decoder = isPairwise(language) ? undefined : language.model.decoder;
  const prompts = new Map<string, SamplePrompt>();
  for (const stage of stages.filter(isTrainingStage)) {
    const { samples } = settingsOf(stage);
    if (!samples) continue;
    const learnt = setsOf(stage);
    const parts = [...sets.values()].filter(({ name }) => learnt.includes(name)).map(({ heldOut }) => heldOut);
    for (const prompt of await samplePrompts({ config, tokenizer, decoder }, parts, samples)) {
      const hash = hashOfPrompt(prompt);
      if (!prompts.has(hash)) prompts.set(hash, prompt);
    }
  }
  return [...prompts.values()];
}
