/** Graph -> ONNX model: one function of named inputs and outputs, without weights. */
import { inputOperator, liveNodes } from '../graph/graph.ts';
import { peakLiveBytes } from '../graph/live-bytes.ts';
import type { Tensor, TensorType } from '../graph/tensor.ts';
import { encodeModel, type ValueType } from './encode-model.ts';
import { Lowering } from './lowering.ts';

export interface OnnxModel<Type extends ValueType = TensorType> {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, Type>;
  readonly outputs: ReadonlyMap<string, Type>;
  /** Memory that a run needs beside its inputs and outputs. */
  readonly workingBytes: number;
}

/**
 * Lowers the part of a graph that `outputs` need. Tensors in `cuts` become inputs under the given names: this is how a
 * backward segment receives what the forward segment kept instead of computing it again.
 */
export function toOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  cuts: ReadonlyMap<Tensor, string> = new Map(),
): OnnxModel {
  const lowering = new Lowering();
  const names = new Map<Tensor, string>();
  const inputs = new Map<string, TensorType>();
  const declare = (node: Tensor, name: string) => {
    if (inputs.has(name)) throw new Error(`two inputs of the segment are called "${name}"`);
    names.set(node, name);
    inputs.set(name, { dtype: node.dtype, shape: node.shape });
  };
  for (const node of liveNodes(Object.values(outputs), new Set(cuts.keys()))) {
    const cut = cuts.get(node);
    if (cut !== undefined) declare(node, cut);
    else if (node.operator === inputOperator) declare(node, node.attributes.name as string);
    else if (node.composition) names.set(node, names.get(node.composition)!);
    else if ('lower' in node.operator) {
      const output = `v${node.id}`;
      names.set(node, output);
      node.operator.lower(lowering, {
        inputs: node.inputs.map((input) => names.get(input)!),
        output,
        attributes: node.attributes,
        inputTypes: node.inputs,
        type: node,
      });
    }
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    lowering.emit('Identity', [names.get(tensor)!], { output: name });
  }
  foldOutputCopies(lowering);
  const outputTypes = new Map(Object.entries(outputs).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  const workingBytes = peakLiveBytes(Object.values(outputs), new Set(cuts.keys()));
  return { bytes: encodeModel(lowering, { inputs, outputs: outputTypes }), inputs, outputs: outputTypes, workingBytes };
}

/** Lets a node write its output directly where an `Identity` would only copy the node's only use. */
function foldOutputCopies(lowering: Lowering): void {
  const producers = new Map(lowering.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const copies = lowering.nodes.filter((node) => node.opType === 'Identity' && /^v\d+$/.test(node.input[0]));
  for (const copy of copies) {
    const [value] = copy.input;
    const [name] = copy.output;
    const producer = producers.get(value);
    if (!producer || /^v\d+$/.test(name)) continue;
    lowering.nodes.splice(lowering.nodes.indexOf(copy), 1);
    for (const node of lowering.nodes) {
      node.output = node.output.map((output) => (output === value ? name : output));
      node.input = node.input.map((input) => (input === value ? name : input));
    }
    producers.delete(value);
  }
}
