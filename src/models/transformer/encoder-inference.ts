/** A block of an encoder for other programs: the stream is normed after each sum, as in `block.ts`. */
import type { EncoderDescription } from './description.ts';
import { attention, feedForward, type LayerGraph, layerOf } from './inference.ts';

/** Hidden states [tokens, hidden] -> the same shape. */
export function encoderBlock(graph: LayerGraph, index: number, x: string, description: EncoderDescription): string {
  const { block } = description.names;
  const layer = layerOf(graph, index, description);
  const after = (sum: string, part: string | undefined) =>
    part === undefined ? sum : graph.normalize(sum, layer.norm(part));
  const attended = after(graph.add(x, attention(x, layer)), block.attentionSumNorm);
  return after(graph.add(attended, feedForward(attended, block, layer)), block.feedForwardSumNorm);
}
