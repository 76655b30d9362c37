/** A decoder out of the description of its architecture. */
import { softCap } from '../../graph/ops/elementwise.ts';
import type { Decoder } from '../decoder.ts';
import { linear } from '../layers/linear.ts';
import type { DecoderDescription } from './description.ts';
import { inferenceBlock, inferenceHead } from './inference.ts';
import { outerNorm, transformerLayers } from './layers.ts';
import { decoderParameters } from './parameters.ts';

export function transformerDecoder(description: DecoderDescription): Decoder {
  const { names, tied, logitCap, embeddingScale = 1 } = description;
  const head = tied ? names.embedding : names.head;
  const finalNorm = outerNorm(names.finalNorm, description);
  return {
    ...transformerLayers(description),
    tied,
    names: { embedding: names.embedding, positions: names.positions, head },
    embeddingScale,
    parameters: decoderParameters(description),
    finalNorm,
    headParameters: { ...finalNorm.parameters, head },
    head(hidden, weights) {
      const logits = linear(finalNorm.apply(hidden, weights), weights.head);
      return logitCap === undefined ? logits : softCap(logits, logitCap);
    },
    inferenceBlock: (graph, layer, stream) => inferenceBlock(graph, layer, stream, description),
    inferenceHead: (graph, stream) => inferenceHead(graph, stream, description),
  };
}
