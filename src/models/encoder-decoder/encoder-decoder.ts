/** An encoder-decoder out of the description of its architecture. */
import { mul } from '../../graph/ops/elementwise.ts';
import type { OuterNorm } from '../decoder.ts';
import type { EncoderDecoder, Stack } from '../encoder-decoder.ts';
import { linear } from '../layers/linear.ts';
import { block, normed } from './block.ts';
import type { EncoderDecoderDescription, StackNames } from './description.ts';
import { blockParameters, encoderDecoderParameters } from './parameters.ts';
import { relativeBucket } from './relative-buckets.ts';
import { memoryKeysAndValues, writingBlock } from './writing-block.ts';

export function encoderDecoder(description: EncoderDecoderDescription): EncoderDecoder {
  const { modelType, sizes, names, tied, headScale, startId, endIds } = description;
  const head = `${tied ? names.embedding : names.head}.weight`;
  const { cross } = names.decoder;
  if (!cross) throw new Error('a decoder without attention to its encoder');
  const decoder = stackOf(names.decoder, sizes.decoderLayers, { bidirectional: false }, description);
  return {
    modelType,
    sizes,
    tied,
    parameters: encoderDecoderParameters(description),
    names: { embedding: `${names.embedding}.weight`, head },
    embeddingAliases: names.embeddingAliases.map((alias) => `${alias}.weight`),
    isBeside: (name) => description.beside.test(name),
    startId,
    endIds,
    encoder: stackOf(names.encoder, sizes.encoderLayers, { bidirectional: true }, description),
    decoder,
    headParameters: { ...decoder.finalNorm.parameters, head },
    head(hidden, weights) {
      const last = decoder.finalNorm.apply(hidden, weights);
      return linear(headScale === 1 ? last : mul(last, headScale), weights.head);
    },
    memoryKeysAndValues: (states, weights, rows, project) =>
      memoryKeysAndValues(states, weights, cross, { rows, heads: sizes.heads, project }),
    writingBlock: (hidden, weights, context) =>
      writingBlock(hidden, weights, context, { ...names.decoder, cross }, description),
  };
}

function stackOf(
  names: StackNames,
  layers: number,
  { bidirectional }: { readonly bidirectional: boolean },
  description: EncoderDecoderDescription,
): Stack {
  const { buckets, maxDistance } = description;
  const inBlock = blockParameters(names, description).map(({ name, shape }) => [name, shape] as const);
  const finalNorm: OuterNorm = {
    parameters: { 'norm.weight': `${names.finalNorm}.weight` },
    apply: (hidden, weights) => normed(hidden, 'norm', weights, description),
  };
  return {
    layers,
    blockParameters: Object.fromEntries(inBlock),
    blockParameterName: (layer, name) => `${names.layers}.${layer}.${name}`,
    positions: `${names.positions}.weight`,
    bucket: (distance) => relativeBucket(distance, { buckets, maxDistance, bidirectional }),
    block: (hidden, weights, context) => block(hidden, weights, context, names, description),
    finalNorm,
  };
}
