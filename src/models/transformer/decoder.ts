/** A decoder out of the description of its architecture. */
import { softCap } from '../../graph/ops/elementwise.ts';
import type { Decoder } from '../decoder.ts';
import { linear } from '../layers/linear.ts';
import { lengthIndependentPositions, rotaryTables } from '../layers/rope.ts';
import { block } from './block.ts';
import type { DecoderDescription } from './description.ts';
import { inferenceBlock, inferenceHead } from './inference.ts';
import { blockParameterName } from './names.ts';
import { norm } from './norm.ts';
import { blockShapes, decoderParameters } from './parameters.ts';

export function transformerDecoder(description: DecoderDescription): Decoder {
  const { modelType, sizes, names, tied, layerKinds, kindOfLayer, logitCap, embeddingScale = 1 } = description;
  const head = tied ? names.embedding : names.head;
  const ropes = layerKinds.flatMap(({ rope }) => rope ?? []);
  return {
    modelType,
    sizes,
    tied,
    names: { embedding: names.embedding, positions: names.positions, head },
    embeddingScale,
    blockParameters: blockShapes(description),
    parameters: decoderParameters(description),
    blockParameterName: blockParameterName(names),
    headParameters: {
      'norm.weight': `${names.finalNorm}.weight`,
      ...(description.norm.kind === 'layer' && { 'norm.bias': `${names.finalNorm}.bias` }),
      head,
    },
    layerKinds: layerKinds.map(({ window, rope }) => ({
      window,
      rotaryWidth: rope?.width ?? 0,
      rotaryTables: (count, length) => rope && rotaryTables(rope, count, length),
    })),
    kindOfLayer: kindOfLayer ?? Array.from({ length: sizes.layers }, () => 0),
    settledPositions: Math.min(sizes.positions, ...ropes.map((rope) => lengthIndependentPositions(rope) ?? Infinity)),
    block: (hidden, weights, context) => block(hidden, weights, context, description),
    head(hidden, weights) {
      const logits = linear(norm(hidden, 'norm', weights, description.norm), weights.head);
      return logitCap === undefined ? logits : softCap(logits, logitCap);
    },
    inferenceBlock: (graph, layer, stream) => inferenceBlock(graph, layer, stream, description),
    inferenceHead: (graph, stream) => inferenceHead(graph, stream, description),
  };
}
