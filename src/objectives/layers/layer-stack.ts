/**
 * The layers of a model as runs of segments: one block segment, forward and backward, is compiled once and run for each
 * layer with that layer's weights.
 */
import type { Layers } from '../../models/decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings, Segment } from '../../runtime/engine.ts';
import {
  type BatchShape,
  blockBackwardGraph,
  blockForwardGraph,
  blockGraph,
  type Keep,
  maskGraph,
  maskNames,
} from './graphs.ts';
import { type DropoutStreams, InputFactors } from './input-factors.ts';
import { isPacked, PackedLayers } from './packed-layers.ts';
import type { ParameterArrays, ParameterBuffers } from './parameter-buffers.ts';
import { RotaryBuffers } from './rotary-buffers.ts';
import type { Workspace } from './workspace.ts';

export type Run = () => Promise<void>;

/** Runs, and where they leave what they compute. */
interface Forward {
  readonly runs: readonly Run[];
  /** Hidden states after the last layer. */
  readonly output: Buffer;
}

/** A forward pass that keeps what its backward pass needs. */
export interface Training extends Forward {
  /** Derivatives by `output`, written by whoever computes the loss, and by the hidden states before the first layer. */
  readonly byOutput: Buffer;
  readonly byInput: Buffer;
  backward(accumulating: boolean): readonly Run[];
}

export class LayerStack {
  /** Which example each token belongs to, and its place in there: int32 [rows, length]. */
  readonly inputs: { readonly segments: Buffer; readonly positions: Buffer };
  /** Hidden states before the first layer, [rows * length, hidden]. */
  readonly input: Buffer;
  /** Whether some weights are held in fewer bits. */
  readonly isPacked: boolean;
  readonly rotary: RotaryBuffers;
  readonly factors: InputFactors;
  readonly #workspace: Workspace;
  readonly #layers: Layers;
  readonly #parameters: ParameterBuffers;
  readonly #shape: BatchShape;
  readonly #keep: Keep;
  readonly #packed: PackedLayers;
  #masks?: readonly { readonly run: Run; readonly buffers: Bindings }[];
  #forward?: Forward;
  #training?: Training;

  constructor(
    workspace: Workspace,
    layers: Layers,
    { buffers, arrays }: { readonly buffers: ParameterBuffers; readonly arrays: ReadonlyMap<string, ParameterArrays> },
    { rows, length, keep }: BatchShape & { readonly keep: Keep },
  ) {
    requireAlike(layers, arrays);
    this.#workspace = workspace;
    this.#layers = layers;
    this.#parameters = buffers;
    this.#shape = { rows, length };
    this.#keep = keep;
    this.#packed = new PackedLayers(layers, arrays, (type) => workspace.buffer(type));
    for (const [name, place] of this.#packed.places) buffers.weights.set(name, place);
    this.isPacked = this.#packed.places.size > 0;
    this.rotary = new RotaryBuffers(layers, length, (type, array) => workspace.buffer(type, array));
    this.factors = new InputFactors(layers, { rows, length }, (type) => workspace.buffer(type));
    this.inputs = {
      segments: workspace.buffer({ dtype: 'i32', shape: [rows, length] }),
      positions: workspace.buffer({ dtype: 'i32', shape: [rows, length] }),
    };
    this.input = workspace.buffer({ dtype: 'f32', shape: [rows * length, layers.sizes.hidden] });
  }

  /**
   * Takes in what the layers know of a batch beside its hidden states.
   * @param dropout what layers with dropout leave out of it; needed where they are trained on it
   */
  load(
    { segments, positions }: { readonly segments: Int32Array; readonly positions: Int32Array },
    dropout?: DropoutStreams,
  ): void {
    this.inputs.segments.i32.set(segments);
    this.inputs.positions.i32.set(positions);
    this.rotary.follow(positions);
    this.factors.follow(dropout);
  }

  /** Without keeping anything: two buffers take turns. */
  forward(): Forward {
    this.#forward ??= this.#planForward();
    return this.#forward;
  }

  training(): Training {
    this.#training ??= this.#planTraining();
    return this.#training;
  }

  #planForward(): Forward {
    const { layers } = this.#layers.sizes;
    const masks = this.#maskRuns();
    const segment = this.#workspace.segment('block', () => blockGraph(this.#layers, this.#shape));
    const [even, odd] = [this.#hidden(), this.#hidden()];
    const at = (layer: number) => (layer === 0 ? this.input : layer % 2 === 0 ? even : odd);
    const blocks = Array.from({ length: layers }, (_, layer) =>
      this.#layerRuns(layer, segment, { hidden: at(layer), output: at(layer + 1) }),
    );
    return { runs: [...masks, ...blocks.flat()], output: at(layers) };
  }

  #planTraining(): Training {
    const { layers } = this.#layers.sizes;
    const masks = this.#maskRuns();
    const segment = this.#workspace.segment(`block.forward.${this.#keep}`, () =>
      blockForwardGraph(this.#layers, this.#shape, this.#keep),
    );
    const hidden = [this.input, ...Array.from({ length: layers }, () => this.#hidden())];
    const kept = Array.from({ length: layers }, () => this.#keptBindings(segment));
    const blocks = kept.map((keep, layer) => {
      const { drawing, bindings } = this.factors.ofLayer(layer);
      const values = { ...keep, ...bindings, hidden: hidden[layer], output: hidden[layer + 1] };
      return [...drawing, ...this.#layerRuns(layer, segment, values)];
    });
    // Derivatives by hidden states take turns in two buffers, from the last layer's output down to the first one's input.
    const upstream = [this.#hidden(), this.#hidden()];
    return {
      runs: [...masks, ...blocks.flat()],
      output: hidden[layers],
      byOutput: upstream[layers % 2],
      byInput: upstream[0],
      backward: (accumulating) => {
        const options = { isTrained: this.#parameters.isTrained, accumulating };
        const backward = this.#workspace.segment(`block.backward.${accumulating}`, () =>
          blockBackwardGraph(this.#layers, this.#shape, this.#keep, options),
        );
        const runs = kept.map((keep, layer) => {
          const { drawing, bindings } = this.factors.ofLayer(layer);
          const byHidden = { 'd.output': upstream[(layer + 1) % 2], 'd.hidden': upstream[layer % 2] };
          const values = { ...keep, ...bindings, hidden: hidden[layer], ...byHidden };
          return [...drawing, ...this.#layerRuns(layer, backward, values, accumulating)];
        });
        return runs.reverse().flat();
      },
    };
  }

  /** A layer's run of a segment: forward, or backward if `accumulating` is given. `#maskRuns` comes first. */
  #layerRuns(layer: number, segment: Segment, values: Bindings, accumulating?: boolean): Run[] {
    const kind = this.#layers.kindOfLayer[layer];
    const names = Object.keys(this.#layers.blockParameters).map((name) => {
      return [name, this.#layers.blockParameterName(layer, name)] as const;
    });
    return [
      ...this.#packed.unpacking(layer),
      segment.bind({
        ...this.inputs,
        ...this.rotary.tables[kind],
        ...this.#masks![kind].buffers,
        ...this.#parameters.bindings(Object.fromEntries(names), accumulating),
        ...values,
      }),
    ];
  }

  /** What makes the masks of all kinds of layers. */
  #maskRuns(): Run[] {
    const { length } = this.#shape;
    this.#masks ??= this.#layers.layerKinds.map((kind, i) => {
      const segment = this.#workspace.segment(`masks.${i}`, () => maskGraph(this.#shape, kind));
      const names = maskNames(length, kind);
      const buffers = Object.fromEntries(
        names.map((name) => [name, this.#workspace.buffer(segment.outputs.get(name)!)]),
      );
      return { run: segment.bind({ ...this.inputs, ...buffers }), buffers };
    });
    return this.#masks.map(({ run }) => run);
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

/** One segment serves all layers: what is trained or packed in one is so in all. */
function requireAlike(
  { blockParameters, blockParameterName, sizes }: Layers,
  parameters: ReadonlyMap<string, ParameterArrays>,
): void {
  for (const name of Object.keys(blockParameters)) {
    const first = parameters.get(blockParameterName(0, name))!;
    for (let layer = 1; layer < sizes.layers; layer++) {
      const other = parameters.get(blockParameterName(layer, name))!;
      if (!first.gradient === !other.gradient && isPacked(first.weight) === isPacked(other.weight)) continue;
      throw new Error(`${name} is trained or packed in some layers only`);
    }
  }
}
