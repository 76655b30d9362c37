/** The encoder's or the decoder's blocks as runs of segments: one, forward and backward, serves all layers of the stack. */
import type { EncoderDecoder, Stack } from '../../models/encoder-decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings, Segment } from '../../runtime/engine.ts';
import type { Run } from '../layers/layer-stack.ts';
import type { ParameterBuffers } from '../layers/parameter-buffers.ts';
import type { Workspace } from '../layers/workspace.ts';
import { biasBackwardGraph, biasGraph, blockBackwardGraph, blockGraph, maskShape, type StackShape } from './graphs.ts';

/** What the encoder made of its text, for the blocks of a decoder. */
interface Memory {
  readonly states: Buffer;
  readonly mask: Buffer;
  readonly byStates: Buffer;
}

interface StackParts {
  readonly side: 'encoder' | 'decoder';
  readonly shape: StackShape;
  readonly parameters: ParameterBuffers;
  readonly memory?: Memory;
}

/** Row of the bias table for each query and key, [length, length]. */
export function writeBuckets(buckets: Int32Array, stack: Stack, length: number): void {
  for (let i = 0; i < buckets.length; i++) buckets[i] = stack.bucket((i % length) - Math.floor(i / length));
}

export class BlockStack {
  /** Embedded tokens, [rows * length, hidden]. */
  readonly input: Buffer;
  readonly mask: Buffer;
  readonly #workspace: Workspace;
  readonly #model: EncoderDecoder;
  readonly #stack: Stack;
  readonly #parts: StackParts;
  readonly #buckets: Buffer;
  readonly #bias: Buffer;

  constructor(workspace: Workspace, model: EncoderDecoder, parts: StackParts) {
    const { rows, length } = parts.shape;
    const { hidden, heads } = model.sizes;
    this.#workspace = workspace;
    this.#model = model;
    this.#stack = model[parts.side];
    this.#parts = parts;
    this.input = workspace.buffer({ dtype: 'f32', shape: [rows * length, hidden] });
    this.mask = workspace.buffer({ dtype: 'f32', shape: maskShape(parts.shape) });
    this.#bias = workspace.buffer({ dtype: 'f32', shape: [1, heads, length, length] });
    this.#buckets = workspace.buffer({ dtype: 'i32', shape: [length, length] });
    writeBuckets(this.#buckets.i32, this.#stack, length);
  }

  /** Nothing is kept: two buffers serve all layers. */
  forward(): { readonly runs: readonly Run[]; readonly output: Buffer } {
    const segment = this.#segment('forward', () => blockGraph(this.#model, this.#stack, this.#parts.shape, false));
    const others = [this.#hidden(), this.#hidden()];
    const hidden = [this.input, ...this.#layers().map((layer) => others[layer % 2])];
    const runs = this.#layers().map((layer) =>
      this.#run(layer, segment, { hidden: hidden[layer], output: hidden[layer + 1] }),
    );
    return { runs: [this.#biasRun(), ...runs], output: hidden.at(-1)! };
  }

  /** Keeps what the backward pass needs. */
  training() {
    const { shape } = this.#parts;
    const hidden = [this.input, ...this.#layers().map(() => this.#hidden())];
    const segment = this.#segment('training', () => blockGraph(this.#model, this.#stack, shape, true));
    const kept = this.#layers().map(() => this.#keptBindings(segment));
    const blocks = this.#layers().map((layer) =>
      this.#run(layer, segment, { ...kept[layer], hidden: hidden[layer], output: hidden[layer + 1] }),
    );
    const upstream = [this.#hidden(), this.#hidden()];
    const byBias = this.#workspace.buffer(this.#bias.type);
    return {
      runs: [this.#biasRun(), ...blocks],
      output: hidden.at(-1)!,
      /** Derivatives by `output`, to be written by whoever reads it, and by the input. */
      byOutput: upstream[this.#stack.layers % 2],
      byInput: upstream[0],
      backward: (accumulating: boolean): readonly Run[] => [
        async () => {
          byBias.f32.fill(0);
        },
        ...this.#backwardRuns({ hidden, kept, upstream, byBias }, accumulating),
        ...this.#biasBackward(byBias, accumulating),
      ],
    };
  }

  #backwardRuns(
    {
      hidden,
      kept,
      upstream,
      byBias,
    }: {
      readonly hidden: readonly Buffer[];
      readonly kept: readonly Bindings[];
      readonly upstream: readonly Buffer[];
      readonly byBias: Buffer;
    },
    accumulating: boolean,
  ): readonly Run[] {
    const { shape, parameters, memory } = this.#parts;
    const options = { isTrained: parameters.isTrained, accumulating };
    const segment = this.#segment(`backward.${accumulating}`, () =>
      blockBackwardGraph(this.#model, this.#stack, shape, options),
    );
    const shared = {
      'd.bias': byBias,
      'a.bias': byBias,
      ...(memory && { 'd.memory': memory.byStates, 'a.memory': memory.byStates }),
    };
    const runs = kept.map((keep, layer) => {
      const byHidden = { 'd.output': upstream[(layer + 1) % 2], 'd.hidden': upstream[layer % 2] };
      return this.#run(layer, segment, { ...keep, ...shared, ...byHidden, hidden: hidden[layer] }, accumulating);
    });
    return runs.reverse();
  }

  /** A layer's run of a segment: forward, or backward if `accumulating` is given. */
  #run(layer: number, segment: Segment, values: Bindings, accumulating?: boolean): Run {
    const { parameters, memory } = this.#parts;
    const names = Object.keys(this.#stack.blockParameters).map((name) => {
      return [name, this.#stack.blockParameterName(layer, name)] as const;
    });
    return segment.bind({
      bias: this.#bias,
      mask: this.mask,
      ...(memory && { memory: memory.states, 'memory.mask': memory.mask }),
      ...parameters.bindings(Object.fromEntries(names), accumulating),
      ...values,
    });
  }

  #biasRun(): Run {
    const table = this.#table();
    return this.#segment('bias', () => biasGraph(table.type.shape, this.#parts.shape)).bind({
      'w.positions': table,
      buckets: this.#buckets,
      bias: this.#bias,
    });
  }

  #biasBackward(byBias: Buffer, accumulating: boolean): readonly Run[] {
    const { parameters, shape } = this.#parts;
    const { positions } = this.#stack;
    if (!parameters.isTrained(positions)) return [];
    const segment = this.#segment(`bias.backward.${accumulating}`, () =>
      biasBackwardGraph(this.#table().type.shape, shape, accumulating),
    );
    const bindings = parameters.bindings({ positions }, accumulating);
    return [segment.bind({ ...bindings, buckets: this.#buckets, 'd.bias': byBias })];
  }

  #table(): Buffer {
    return this.#parts.parameters.weights.get(this.#stack.positions)!;
  }

  #segment(name: string, build: Parameters<Workspace['segment']>[1]): Segment {
    return this.#workspace.segment(`${this.#parts.side}.${name}`, build);
  }

  #layers(): readonly number[] {
    return Array.from({ length: this.#stack.layers }, (_, layer) => layer);
  }

  #hidden(): Buffer {
    return this.#workspace.buffer(this.input.type);
  }

  /** Buffers for what one layer keeps. */
  #keptBindings(segment: Segment): Bindings {
    const kept = [...segment.outputs].filter(([name]) => name.startsWith('keep.'));
    return Object.fromEntries(kept.map(([name, type]) => [name, this.#workspace.buffer(type)]));
  }
}
