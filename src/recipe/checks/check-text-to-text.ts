/**
 * What a recipe cannot do with an encoder-decoder, told before its weights are read: which models a base is, is known only
 * when it is opened.
 */
import { assertEncoderDecoderSettings } from '../../adapters/attach-encoder-decoder.ts';
import { UsageError } from '../../errors.ts';
import { isConversationSource } from '../../stages/conversation-source.ts';
import { ofStage } from '../of-stage.ts';
import type { Recipe } from '../schema/recipe.ts';
import { kindOf } from '../schema/stage-names.ts';
import { adapterOf, type Stage } from '../stage.ts';

/** @throws UsageError naming the field */
export function requireTextToText(recipe: Recipe): void {
  const { base, data, evaluation, stages } = recipe;
  if ('init' in base && base.init.induction_heads) {
    throw refuse('base.init.induction_heads', 'true', 'false: such heads are of decoders');
  }
  for (const name of evaluation.bits_per_byte.on) {
    if (isConversationSource(data[name])) continue;
    throw refuse(
      `evaluation.bits_per_byte.on: ${name}`,
      'a set of documents',
      'sets of conversations: such a model gives a text its probability as an answer only',
      'Name sets of conversations there.',
    );
  }
  requireFloat32('evaluation.tasks', evaluation.tasks);
  for (const stage of stages) requireStage(stage);
}

function requireStage(stage: Stage): void {
  const { name } = stage;
  if ('evaluate' in stage) requireFloat32('evaluate', stage.evaluate, ` of the stage ${name}`);
  if ('evaluate' in stage || 'export' in stage || 'merge' in stage) return;
  if (!('sft' in stage)) {
    const kind = kindOf(stage);
    throw refuse(
      `${kind} of the stage ${name}`,
      kind,
      'sft, merge, evaluate or export',
      kind === 'contrastive' ? 'Use an encoder or a decoder.' : 'Write what is to be learnt as conversations for sft.',
    );
  }
  const { replay, neftune_noise_alpha: noise } = stage.sft;
  const [documents] = Object.keys(replay);
  if (documents !== undefined) {
    throw refuse(`replay of the stage ${name}`, documents, 'nothing: documents have no text that they answer');
  }
  if (noise !== null) throw refuse(`neftune_noise_alpha of the stage ${name}`, String(noise), 'null');
  const adapter = adapterOf(stage);
  if (adapter !== undefined) ofStage(stage, () => assertEncoderDecoderSettings(adapter));
}

function requireFloat32(
  field: string,
  { precision, chat }: Pick<Recipe['evaluation']['tasks'], 'precision' | 'chat'>,
  where = '',
): void {
  if (precision !== 'f32') throw refuse(`${field}.precision${where}`, precision, 'f32');
  if (chat) throw refuse(`${field}.chat${where}`, 'true', 'false: an encoder-decoder has no turns');
}

const refuse = (field: string, found: string, expected: string, fix = 'Leave it out.'): UsageError =>
  new UsageError({ field, found: `${found}, with an encoder-decoder as base`, expected, fix });
