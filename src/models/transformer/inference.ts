/** A decoder as it generates: the block and head of `block.ts` with projections fused and a cache. */
import { reachedWindow } from '../decoder.ts';
import type { DecoderGraph, NormSpec, Stream } from '../decoder-graph.ts';
import type { DecoderDescription, LayersDescription } from './description.ts';
import { blockParameterName, everyExpert, type FeedForwardNames } from './names.ts';
import { projectionRows } from './parameters.ts';

/** What attention and the feed-forward layer are made of, those of an encoder too. */
export type LayerGraph = Pick<
  DecoderGraph,
  'linear' | 'attention' | 'activate' | 'split' | 'multiply' | 'normalize' | 'add'
>;

/** One layer, by names of the checkpoint. */
interface Layer<Graph extends LayerGraph = LayerGraph> {
  readonly graph: Graph;
  readonly index: number;
  readonly description: LayersDescription;
  /** The checkpoint's name of a part of the layer. */
  name(part: string): string;
  norm(part: string, width?: number): NormSpec;
}

export function layerOf<Graph extends LayerGraph>(
  graph: Graph,
  index: number,
  description: LayersDescription,
): Layer<Graph> {
  const { names, norm, sizes } = description;
  const name = (part: string) => blockParameterName(names)(index, part);
  return {
    graph,
    index,
    description,
    name,
    norm: (part, width = sizes.hidden) => ({ ...norm, name: name(part), width }),
  };
}

export function inferenceBlock(
  graph: DecoderGraph,
  index: number,
  stream: Stream,
  description: DecoderDescription,
): Stream {
  const { names, experts } = description;
  const { attentionNorm, attentionOutputNorm, feedForwardNorm, feedForwardOutputNorm } = names.block;
  const layer = layerOf(graph, index, description);
  /** What a part reads, and the stream that its output is to be added to. */
  const before = (from: Stream, part: string | undefined) => {
    if (part !== undefined) return graph.norm(from, layer.norm(part));
    const sum = graph.sum(from);
    return { stream: { base: sum }, normed: sum };
  };
  const after = (x: string, part: string | undefined) =>
    part === undefined ? x : graph.normalize(x, layer.norm(part));

  const first = before(stream, attentionNorm);
  const attended = after(attention(first.normed, layer), attentionOutputNorm);
  const second = before({ ...first.stream, branch: attended }, feedForwardNorm);
  const transformed = experts
    ? expertLayer(second.normed, layer, experts)
    : feedForward(second.normed, names.block, layer);
  return { ...second.stream, branch: after(transformed, feedForwardOutputNorm) };
}

export function attention(x: string, { graph, index, description, name, norm }: Layer): string {
  const { sizes, names, biases, layerKinds, kindOfLayer, queryNormOver = 'head' } = description;
  const { hidden, heads, keyValueHeads, headSize } = sizes;
  const { projections, queryNorm, keyNorm, output } = names.block;
  const rows = projectionRows(description);
  const kind = kindOfLayer?.[index] ?? 0;
  const { rope, window } = layerKinds[kind];
  const projected = graph.linear(x, {
    names: projections.map(name),
    input: hidden,
    outputs: projections.length === 1 ? [rows.reduce((sum, count) => sum + count, 0)] : rows,
    bias: biases.query,
  });
  const [queryWidth, keyWidth] = queryNormOver === 'head' ? [headSize, headSize] : rows;
  const mixed = graph.attention(projected, {
    layer: index,
    kind,
    heads,
    keyValueHeads,
    headSize,
    queryNorm: queryNorm === undefined ? undefined : norm(queryNorm, queryWidth),
    keyNorm: keyNorm === undefined ? undefined : norm(keyNorm, keyWidth),
    rotates: rope !== undefined,
    window: reachedWindow({ window }, sizes),
    scale: description.attentionScale,
    cap: description.attentionCap,
  });
  return graph.linear(mixed, { names: [name(output)], input: rows[0], outputs: [hidden], bias: biases.output });
}

export function feedForward(x: string, layers: FeedForwardNames, layer: Layer): string {
  return down(inner(x, layers, layer), layers, layer);
}

/** What the last projection reads. */
function inner(x: string, { feedForward: names }: FeedForwardNames, { graph, name, description }: Layer): string {
  const { sizes, biases, activation, gated = true } = description;
  const { hidden, intermediate } = sizes;
  const rows = gated ? [intermediate, intermediate] : [intermediate];
  const projected = graph.linear(x, {
    names: names.map(name),
    input: hidden,
    outputs: names.length === 1 ? [rows.length * intermediate] : rows,
    bias: biases.feedForward,
  });
  if (!gated) return graph.activate(projected, activation);
  const [gate, up] = graph.split(projected, rows);
  return graph.multiply(graph.activate(gate, activation), up);
}

function down(x: string, { down: part }: FeedForwardNames, { graph, name, description }: Layer): string {
  const { sizes, biases } = description;
  const shape = { input: sizes.intermediate, outputs: [sizes.hidden] };
  return graph.linear(x, { names: [name(part)], ...shape, bias: biases.feedForward });
}

function expertLayer(
  x: string,
  layer: Layer<DecoderGraph>,
  experts: { readonly count: number; readonly perToken: number },
): string {
  const { graph, name, description } = layer;
  const { block } = description.names;
  const router = { input: description.sizes.hidden, outputs: [experts.count], bias: false };
  const logits = graph.linear(x, { names: [name(block.router!)], ...router });
  const layers = everyExpert(block, experts.count);
  return graph.experts(x, logits, experts, (expert, rows, weights) =>
    down(graph.multiply(inner(rows, layers[expert], layer), weights), layers[expert], layer),
  );
}

export function inferenceHead(graph: DecoderGraph, stream: Stream, description: DecoderDescription): string {
  const { sizes, names, tied, norm, logitCap } = description;
  const { normed } = graph.norm(stream, { ...norm, name: names.finalNorm, width: sizes.hidden });
  const logits = graph.project(normed, tied ? names.embedding : names.head, [sizes.vocabulary, sizes.hidden]);
  return logitCap === undefined ? logits : graph.softCap(logits, logitCap);
}
