/** A decoder's block as it writes: one token in each row, over the keys and values of those before and of the encoder. */
import { add, mul } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/linear.ts';
import { softmax } from '../../graph/ops/normalize.ts';
import { concat, slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights, Projection } from '../decoder.ts';
import type { WritingContext } from '../encoder-decoder.ts';
import { linearLayer } from '../layers/linear.ts';
import { attend, joinHeads, scoresOf, splitHeads } from './attention.ts';
import { feedForward, normed } from './block.ts';
import type { AttentionNames, EncoderDecoderDescription, StackNames } from './description.ts';

/** Keys and values [rows, heads, length, headSize] of the encoder's states [rows * length, hidden]. */
export function memoryKeysAndValues(
  states: Tensor,
  weights: BlockWeights,
  { key, value }: AttentionNames,
  { project = linearLayer, ...shape }: { readonly rows: number; readonly heads: number; readonly project?: Projection },
) {
  return {
    keys: splitHeads(project(states, key, weights), shape),
    values: splitHeads(project(states, value, weights), shape),
  };
}

/** Hidden [rows, hidden] -> the same shape, and the token's own keys and values [rows, heads, 1, headSize]. */
export function writingBlock(
  hidden: Tensor,
  weights: BlockWeights,
  context: WritingContext,
  names: StackNames & { readonly cross: AttentionNames },
  description: EncoderDecoderDescription,
) {
  const shape = { rows: hidden.shape[0], heads: description.sizes.heads };
  const { self, cross } = names;
  const { project = linearLayer } = context;
  const read = (x: Tensor, part: AttentionNames) => normed(x, part.norm, weights, description);
  const heads = (x: Tensor, name: string) => splitHeads(project(x, name, weights), shape);

  const own = read(hidden, self);
  const [query, key, value] = [self.query, self.key, self.value].map((name) => heads(own, name));
  const mixed = attendWithOwn(query, key, value, context);
  const afterSelf = add(hidden, project(joinHeads(mixed), self.output, weights));

  const { memoryKeys, memoryValues, memoryMask } = context;
  const found = attend(heads(read(afterSelf, cross), cross.query), memoryKeys, memoryValues, [memoryMask]);
  const afterCross = add(afterSelf, project(joinHeads(found), cross.output, weights));
  return { output: feedForward(afterCross, weights, { ...names, project }, description).output, key, value };
}

/** Attention to the tokens before, which are in the cache, and to the token itself, which is not yet. */
function attendWithOwn(query: Tensor, key: Tensor, value: Tensor, context: WritingContext): Tensor {
  const { keys, values, bias, mask, ownBias } = context;
  const capacity = keys.shape[2];
  const weights = softmax(concat([scoresOf(query, keys, [bias, mask]), scoresOf(query, key, [ownBias])], 3));
  const before = slice(weights, { axis: 3, start: 0, end: capacity });
  const itself = slice(weights, { axis: 3, start: capacity, end: capacity + 1 });
  return add(matmul(before, values), mul(itself, value));
}
