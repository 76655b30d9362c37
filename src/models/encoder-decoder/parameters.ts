/**
 * Names, shapes and first values of an encoder-decoder's parameters, in checkpoint order. Deviations are those of T5's
 * own initialization, where each layer's is one over the root of its inputs, and queries also have the factor that scores
 * are not multiplied with. A head of its own gets one over the root of its inputs too, as in T5X; `transformers` takes 1,
 * with which the first losses are tens of nats.
 */
import type { Shape } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../decoder.ts';
import type { AttentionNames, EncoderDecoderDescription, StackNames } from './description.ts';

/** Names of blocks are those inside the layer. */
export function blockParameters(
  names: StackNames,
  { sizes, initialScale }: EncoderDecoderDescription,
): ParameterSpec[] {
  const { hidden, intermediate, heads, headSize } = sizes;
  const inner = heads * headSize;
  const matrix = (name: string, shape: Shape, inputs: number): ParameterSpec => {
    return { name: `${name}.weight`, shape, initialization: { normal: initialScale / Math.sqrt(inputs) } };
  };
  const attention = ({ query, key, value, output, norm }: AttentionNames) => [
    matrix(query, [inner, hidden], hidden * headSize),
    matrix(key, [inner, hidden], hidden),
    matrix(value, [inner, hidden], hidden),
    matrix(output, [hidden, inner], inner),
    scale(norm, hidden),
  ];
  return [
    ...attention(names.self),
    ...(names.cross ? attention(names.cross) : []),
    ...names.feedForward.map((name) => matrix(name, [intermediate, hidden], hidden)),
    matrix(names.down, [hidden, intermediate], intermediate),
    scale(names.feedForwardNorm, hidden),
  ];
}

/** The weight of a norm. */
const scale = (name: string, width: number): ParameterSpec => {
  return { name: `${name}.weight`, shape: [width], initialization: { constant: 1 } };
};

export function encoderDecoderParameters(description: EncoderDecoderDescription): ParameterSpec[] {
  const { sizes, names, buckets, tied, initialScale } = description;
  const { hidden, heads, vocabulary } = sizes;
  const table = (name: string, shape: Shape, deviation: number): ParameterSpec => {
    return { name: `${name}.weight`, shape, initialization: { normal: initialScale * deviation } };
  };
  const stack = (part: StackNames, layers: number) => {
    const inBlock = blockParameters(part, description);
    return [
      table(part.positions, [buckets, heads], 1 / Math.sqrt(hidden)),
      ...Array.from({ length: layers }, (_, layer) =>
        inBlock.map((spec) => ({ ...spec, name: `${part.layers}.${layer}.${spec.name}` })),
      ).flat(),
      scale(part.finalNorm, hidden),
    ];
  };
  return [
    table(names.embedding, [vocabulary, hidden], 1),
    ...stack(names.encoder, sizes.encoderLayers),
    ...stack(names.decoder, sizes.decoderLayers),
    ...(tied ? [] : [table(names.head, [vocabulary, hidden], 1 / Math.sqrt(hidden))]),
  ];
}
