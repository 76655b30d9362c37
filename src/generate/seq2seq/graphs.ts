/**
 * Graphs that an encoder-decoder answers with. Weights are inputs under their checkpoint names with `w.` before; values are
 *
 *   hidden               embedded tokens, [rows * inputLength, hidden] or, where one is written, [rows, hidden]
 *   buckets, mask        rows of the bias table, and what is added to scores, for the tokens that attention sees
 *   memory.mask          [rows, 1, 1, inputLength]
 *   memory.key.<layer>   [rows, heads, inputLength, headSize], of the encoder's states; also `value`
 *   past.key.<layer>     [rows, heads, capacity, headSize], of the tokens written before; also `value`
 *   key.<layer>          [rows, heads, 1, headSize], of the token that is read now; also `value`
 */
import { Graph } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights } from '../../models/decoder.ts';
import type { EncoderDecoder, Stack } from '../../models/encoder-decoder.ts';
import { positionBias } from '../../objectives/seq2seq/graphs.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';

/** The weights of a model as inputs of a graph; those that nothing reads do not become inputs. */
class WeightInputs {
  readonly #graph: Graph;
  readonly #model: EncoderDecoder;
  readonly #inputs = new Map<string, Tensor>();

  constructor(graph: Graph, model: EncoderDecoder) {
    this.#graph = graph;
    this.#model = model;
  }

  one(name: string): Tensor {
    const known = this.#inputs.get(name);
    if (known) return known;
    const { shape } = this.#model.parameters.find((spec) => spec.name === name)!;
    const input = this.#graph.input(`w.${name}`, 'f32', shape);
    this.#inputs.set(name, input);
    return input;
  }

  /** By the names that a function has for them. */
  named(names: Readonly<Record<string, string>>): BlockWeights {
    return Object.fromEntries(Object.entries(names).map(([local, name]) => [local, this.one(name)]));
  }

  ofBlock(stack: Stack, layer: number): BlockWeights {
    const names = Object.keys(stack.blockParameters);
    return this.named(Object.fromEntries(names.map((name) => [name, stack.blockParameterName(layer, name)])));
  }
}

export interface ReadingShape {
  readonly rows: number;
  readonly inputLength: number;
}

/** The encoder, and what each of the decoder's layers attends to of its states. */
export function readingGraph(model: EncoderDecoder, { rows, inputLength }: ReadingShape): OnnxModel {
  const { encoder, decoder, sizes } = model;
  const graph = new Graph();
  const weights = new WeightInputs(graph, model);
  let hidden = graph.input('hidden', 'f32', [rows * inputLength, sizes.hidden]);
  const buckets = graph.input('buckets', 'i32', [inputLength, inputLength]);
  const bias = positionBias(weights.one(encoder.positions), buckets);
  const mask = graph.input('memory.mask', 'f32', [rows, 1, 1, inputLength]);
  for (let layer = 0; layer < encoder.layers; layer++) {
    hidden = encoder.block(hidden, weights.ofBlock(encoder, layer), { rows, bias, mask }).output;
  }
  const states = encoder.finalNorm.apply(hidden, weights.named(encoder.finalNorm.parameters));
  const outputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < decoder.layers; layer++) {
    const { keys, values } = model.memoryKeysAndValues(states, weights.ofBlock(decoder, layer), rows);
    outputs[`memory.key.${layer}`] = keys;
    outputs[`memory.value.${layer}`] = values;
  }
  return toOnnx(outputs);
}

/** One token for each row: logits [rows, vocabulary], and the keys and values of the token. */
export function writingGraph(
  model: EncoderDecoder,
  { rows, inputLength, capacity }: ReadingShape & { readonly capacity: number },
): OnnxModel {
  const { decoder, sizes } = model;
  const graph = new Graph();
  const weights = new WeightInputs(graph, model);
  const cached = (name: string, length: number) =>
    graph.input(name, 'f32', [rows, sizes.heads, length, sizes.headSize]);
  const table = weights.one(decoder.positions);
  const bias = positionBias(table, graph.input('buckets', 'i32', [1, capacity]));
  const ownBias = positionBias(table, graph.constant([decoder.bucket(0)], { dtype: 'i32', shape: [1, 1] }));
  const mask = graph.input('mask', 'f32', [1, 1, 1, capacity]);
  const memoryMask = graph.input('memory.mask', 'f32', [rows, 1, 1, inputLength]);
  let hidden = graph.input('hidden', 'f32', [rows, sizes.hidden]);
  const outputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < decoder.layers; layer++) {
    const step = model.writingBlock(hidden, weights.ofBlock(decoder, layer), {
      bias,
      mask,
      ownBias,
      keys: cached(`past.key.${layer}`, capacity),
      values: cached(`past.value.${layer}`, capacity),
      memoryKeys: cached(`memory.key.${layer}`, inputLength),
      memoryValues: cached(`memory.value.${layer}`, inputLength),
      memoryMask,
    });
    hidden = step.output;
    outputs[`key.${layer}`] = step.key;
    outputs[`value.${layer}`] = step.value;
  }
  outputs.logits = model.head(hidden, weights.named(model.headParameters));
  return toOnnx(outputs);
}
