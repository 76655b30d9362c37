/**
 * Next-token prediction as a program of segments: embed, one block segment run once per layer, head and loss in chunks
 * of rows; then the same backwards. Every segment is compiled once; weights, gradients and activations are buffers that
 * it reads and writes in place. A tiny model runs the whole step as one segment instead.
 */
import type { Decoder } from '../../models/decoder.ts';
import type { Buffer, BufferType } from '../../runtime/buffer.ts';
import type { Bindings, Engine, Segment } from '../../runtime/engine.ts';
import type { TokenBatch } from './batch.ts';
import { addRowGradients, addRows, takeRows } from './embedding.ts';
import {
  blockBackwardGraph,
  blockForwardGraph,
  headLogitsGraph,
  headLossGraph,
  headScoreGraph,
  maskGraph,
  maskNames,
  rotaryNames,
  wholeStepGraph,
} from './graphs.ts';
import { isPacked, PackedLayers, type PackedWeight } from './packed-layers.ts';
import { type Plan, type PlanOptions, planStep } from './plan.ts';
import { RotaryBuffers } from './rotary-buffers.ts';

/** A parameter's arrays. Those that are trained have a gradient: for the others none is computed. */
export interface ParameterArrays {
  readonly weight: Float32Array | PackedWeight;
  readonly gradient?: Float32Array;
}

export type ProgramOptions = PlanOptions;

export interface StepOptions {
  /** Weight of each label's loss: one over the labels of the whole optimizer step. */
  readonly labelWeight: number;
  /** Add to the gradients that are there instead of replacing them. */
  readonly accumulate: boolean;
  /** Changes in place what the tokens were embedded as, [rows * length, hidden], before the first layer reads it. */
  readonly perturb?: (embedded: Float32Array) => void;
}

type Run = () => Promise<void>;

export class CausalLmProgram {
  readonly model: Decoder;
  readonly rows: number;
  readonly length: number;
  readonly #engine: Engine;
  readonly #parameters: ReadonlyMap<string, ParameterArrays>;
  readonly #plan: Plan;
  readonly #segments = new Map<string, Segment>();
  readonly #buffers: Buffer[] = [];
  readonly #weights = new Map<string, Buffer>();
  readonly #packed: PackedLayers;
  readonly #gradients = new Map<string, Buffer>();
  readonly #shared: Bindings;
  readonly #rotary: RotaryBuffers;
  readonly #ids: Int32Array;
  /** Hidden states before each layer and after the last. */
  readonly #hidden: Buffer[] = [];
  readonly #labels: Int32Array;
  readonly #labelWeights: Float32Array;
  readonly #losses: Float32Array;
  #masks?: readonly { readonly run: Run; readonly buffers: Bindings }[];
  #score?: readonly Run[];
  #logits?: { readonly runs: readonly Run[]; readonly array: Float32Array };
  #step?: { readonly fresh: readonly Run[]; readonly accumulating: readonly Run[]; readonly byEmbedded: Float32Array };

  constructor(
    engine: Engine,
    model: Decoder,
    parameters: ReadonlyMap<string, ParameterArrays>,
    options: ProgramOptions,
  ) {
    const { rows, length } = options;
    const { hidden } = model.sizes;
    this.model = model;
    this.rows = rows;
    this.length = length;
    this.#engine = engine;
    this.#parameters = parameters;
    for (const { name, shape } of model.parameters) {
      const arrays = parameters.get(name);
      if (!arrays) throw new Error(`parameter ${name} is missing`);
      const { weight, gradient } = arrays;
      if (!isPacked(weight)) this.#weights.set(name, this.#buffer({ dtype: 'f32', shape }, weight));
      if (gradient) this.#gradients.set(name, this.#buffer({ dtype: 'f32', shape }, gradient));
    }
    this.#packed = new PackedLayers(model, parameters, (type) => this.#buffer(type));
    const { places } = this.#packed;
    for (const [name, place] of places) this.#weights.set(name, place);
    this.#plan = planStep(model, places.size > 0 ? { ...options, whole: false } : options);
    this.#assertLayersAlike();
    const count = rows * length;
    this.#rotary = new RotaryBuffers(model, length, (type, array) => this.#buffer(type, array));
    this.#shared = {
      positions: this.#buffer({ dtype: 'i32', shape: [rows, length] }),
      segments: this.#buffer({ dtype: 'i32', shape: [rows, length] }),
    };
    this.#ids = new Int32Array(count);
    this.#labels = new Int32Array(count);
    this.#labelWeights = new Float32Array(count);
    this.#losses = new Float32Array(count);
    this.#hidden.push(this.#buffer({ dtype: 'f32', shape: [count, hidden] }));
  }

  /** Whether a step is one segment. */
  get whole(): boolean {
    return this.#plan.whole;
  }

  /**
   * Sum of the batch's negative log-likelihoods in nats; the gradients of their weighted sum go to the parameters'
   * gradient arrays.
   */
  async forwardBackward(batch: TokenBatch, { labelWeight, accumulate, perturb }: StepOptions): Promise<number> {
    this.#load(batch, labelWeight);
    perturb?.(this.#hidden[0].f32);
    this.#step ??= this.whole ? this.#planWholeStep() : this.#planSegments();
    const { embedding, positions, head } = this.model.names;
    const gradientOf = (name: string | undefined) => (name === undefined ? undefined : this.#gradients.get(name)?.f32);
    const [byToken, byPosition] = [gradientOf(embedding), gradientOf(positions)];
    // A tied table's gradient is first written by the head; an untied one starts from zero.
    if (embedding !== head && !accumulate) byToken?.fill(0);
    if (!accumulate) byPosition?.fill(0);
    for (const run of accumulate ? this.#step.accumulating : this.#step.fresh) await run();
    const { byEmbedded } = this.#step;
    const width = this.model.sizes.hidden;
    if (byToken) addRowGradients(byToken, this.#ids, byEmbedded, { width, scale: this.model.embeddingScale });
    if (byPosition) addRowGradients(byPosition, this.#shared.positions.i32, byEmbedded, { width });
    return this.#sumOfLosses();
  }

  /** Negative log-likelihood in nats of each label, 0 where there is none: [rows * length]. Valid until the next call. */
  async score(batch: TokenBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#score ??= [...this.#planForward(), ...this.#planHead('score')];
    for (const run of this.#score) await run();
    return this.#losses.map((loss, i) => loss * this.#labelWeights[i]);
  }

  /** Logits [rows * length, vocabulary]. Valid until the next call. Large: for tests and short texts. */
  async logits(batch: TokenBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#logits ??= this.#planLogits();
    for (const run of this.#logits.runs) await run();
    return this.#logits.array;
  }

  release(): void {
    for (const segment of this.#segments.values()) this.#engine.release(segment);
    for (const buffer of this.#buffers) buffer.release();
  }

  #load(batch: TokenBatch, labelWeight: number): void {
    if (batch.rows !== this.rows || batch.length !== this.length) {
      throw new Error(
        `the program is for ${this.rows} x ${this.length} tokens, the batch has ${batch.rows} x ${batch.length}`,
      );
    }
    this.#ids.set(batch.ids);
    this.#shared.positions.i32.set(batch.positions);
    this.#shared.segments.i32.set(batch.segments);
    this.#rotary.follow(this.#shared.positions.i32);
    for (let i = 0; i < batch.labels.length; i++) {
      const label = batch.labels[i];
      this.#labels[i] = Math.max(label, 0);
      this.#labelWeights[i] = label < 0 ? 0 : labelWeight;
    }
    this.#embed();
  }

  #embed(): void {
    const { names, embeddingScale, sizes } = this.model;
    const [hidden, width] = [this.#hidden[0].f32, sizes.hidden];
    takeRows(this.#weights.get(names.embedding)!.f32, this.#ids, hidden, { width, scale: embeddingScale });
    if (names.positions === undefined) return;
    addRows(this.#weights.get(names.positions)!.f32, this.#shared.positions.i32, hidden, width);
  }

  #hasLabels(start: number, rows: number): boolean {
    return this.#labelWeights.subarray(start, start + rows).some((weight) => weight !== 0);
  }

  #sumOfLosses(): number {
    let sum = 0;
    for (let i = 0; i < this.#losses.length; i++) if (this.#labelWeights[i] !== 0) sum += this.#losses[i];
    return sum;
  }

  #buffer(type: BufferType, array?: Float32Array | Int32Array): Buffer {
    const buffer = this.#engine.buffer(type, array);
    this.#buffers.push(buffer);
    return buffer;
  }

  #segment(name: string, build: () => ReturnType<typeof blockForwardGraph>): Segment {
    const segment = this.#segments.get(name) ?? this.#engine.compile(name, build());
    this.#segments.set(name, segment);
    return segment;
  }

  readonly #isTrained = (name: string): boolean => this.#gradients.has(name);

  /** One segment serves all layers. */
  #assertLayersAlike(): void {
    const { blockParameters, blockParameterName, parameters, sizes } = this.model;
    for (const name of Object.keys(blockParameters)) {
      const first = this.#parameters.get(blockParameterName(0, name))!;
      for (let layer = 1; layer < sizes.layers; layer++) {
        const other = this.#parameters.get(blockParameterName(layer, name))!;
        if (!first.gradient === !other.gradient && isPacked(first.weight) === isPacked(other.weight)) continue;
        throw new Error(`${name} is trained or packed in some layers only`);
      }
    }
    for (const { name } of parameters) if (!this.#weights.has(name)) throw new Error(`${name} cannot be packed`);
  }

  /** Weights of one layer under the names that block segments use, and its gradients where they are trained. */
  #layerBindings(layer: number, accumulating?: boolean): Bindings {
    const names = Object.keys(this.model.blockParameters);
    const bind = (prefix: string, buffers: ReadonlyMap<string, Buffer>) =>
      names.flatMap((name) => {
        const buffer = buffers.get(this.model.blockParameterName(layer, name));
        return buffer ? [[`${prefix}.${name}`, buffer] as const] : [];
      });
    const gradients = accumulating === undefined ? [] : bind('d', this.#gradients);
    return Object.fromEntries([
      ...bind('w', this.#weights),
      ...gradients,
      ...(accumulating ? bind('a', this.#gradients) : []),
    ]);
  }

  #headBindings(accumulating?: boolean): Bindings {
    const bind = (prefix: string, buffers: ReadonlyMap<string, Buffer>) =>
      Object.fromEntries(
        Object.entries(this.model.headParameters).flatMap(([name, parameter]) => {
          const buffer = buffers.get(parameter);
          return buffer ? [[`${prefix}.${name}`, buffer] as const] : [];
        }),
      );
    return {
      ...bind('w', this.#weights),
      ...(accumulating === undefined ? {} : bind('d', this.#gradients)),
      ...(accumulating ? bind('a', this.#gradients) : {}),
    };
  }

  /** Buffers for what each layer keeps, allocated when a step is first planned. */
  #keptBindings(segment: Segment): Bindings {
    const kept = [...segment.outputs].filter(([name]) => name.startsWith('keep.'));
    return Object.fromEntries(kept.map(([name, type]) => [name, this.#buffer(type)]));
  }

  /** Makes the masks of all kinds of layers. */
  #planMasks(): Run[] {
    this.#masks ??= this.model.layerKinds.map((kind, i) => {
      const segment = this.#segment(`masks.${i}`, () => maskGraph(this, kind));
      const buffers = Object.fromEntries(
        maskNames(this.length).map((name) => [name, this.#buffer(segment.outputs.get(name)!)]),
      );
      return { run: segment.bind({ ...this.#shared, ...buffers }), buffers };
    });
    return this.#masks.map(({ run }) => run);
  }

  /** What a layer's segments read beside its weights and hidden states. `#planMasks` comes first. */
  #layerContext(layer: number): Bindings {
    const kind = this.model.kindOfLayer[layer];
    return { ...this.#shared, ...this.#rotary.tables[kind], ...this.#masks![kind].buffers };
  }

  /** Forward without keeping anything: two hidden buffers take turns. */
  #planForward(): Run[] {
    const masks = this.#planMasks();
    const segment = this.#segment('block.forward', () => blockForwardGraph(this.model, this, 'inputs'));
    const [first] = this.#hidden;
    const [even, odd] = [this.#buffer(first.type), this.#buffer(first.type)];
    const at = (layer: number) => (layer === 0 ? first : layer % 2 === 0 ? even : odd);
    const blocks = Array.from({ length: this.model.sizes.layers }, (_, layer) => [
      ...this.#packed.unpacking(layer),
      segment.bind({
        ...this.#layerContext(layer),
        ...this.#layerBindings(layer),
        hidden: at(layer),
        output: at(layer + 1),
      }),
    ]);
    this.#forwardOutput = at(this.model.sizes.layers);
    return [...masks, ...blocks.flat()];
  }
  #forwardOutput?: Buffer;

  /** A view of rows [start, start + rows) of a buffer. */
  #rowsOf(array: Float32Array | Int32Array, start: number, rows: number, width?: number): Buffer {
    const part = array.subarray(start * (width ?? 1), (start + rows) * (width ?? 1));
    const shape = width === undefined ? [rows] : [rows, width];
    return this.#buffer({ dtype: part instanceof Float32Array ? 'f32' : 'i32', shape }, part);
  }

  #planHead(kind: 'score'): Run[] {
    const { hidden } = this.model.sizes;
    return this.#plan.chunks.map(({ start, rows }) =>
      this.#segment(`head.${kind}.${rows}`, () => headScoreGraph(this.model, rows)).bind({
        ...this.#headBindings(),
        hidden: this.#rowsOf(this.#forwardOutput!.f32, start, rows, hidden),
        labels: this.#rowsOf(this.#labels, start, rows),
        losses: this.#rowsOf(this.#losses, start, rows),
      }),
    );
  }

  #planLogits() {
    const { hidden, vocabulary } = this.model.sizes;
    const count = this.rows * this.length;
    const array = new Float32Array(count * vocabulary);
    const runs = this.#planForward();
    for (const { start, rows } of this.#plan.chunks) {
      const segment = this.#segment(`head.logits.${rows}`, () => headLogitsGraph(this.model, rows));
      const logits = this.#rowsOf(array, start, rows, vocabulary);
      const chunk = this.#rowsOf(this.#forwardOutput!.f32, start, rows, hidden);
      runs.push(segment.bind({ ...this.#headBindings(), hidden: chunk, logits }));
    }
    return { runs, array };
  }

  #planSegments() {
    const { layers, hidden: width } = this.model.sizes;
    const masks = this.#planMasks();
    const [first] = this.#hidden;
    while (this.#hidden.length <= layers) this.#hidden.push(this.#buffer(first.type));
    const forward = this.#segment(`block.forward.${this.#plan.keep}`, () =>
      blockForwardGraph(this.model, this, this.#plan.keep),
    );
    const kept = Array.from({ length: layers }, () => this.#keptBindings(forward));
    const forwardRuns = kept.flatMap((keep, layer) => [
      ...this.#packed.unpacking(layer),
      forward.bind({
        ...this.#layerContext(layer),
        ...keep,
        ...this.#layerBindings(layer),
        hidden: this.#hidden[layer],
        output: this.#hidden[layer + 1],
      }),
    ]);
    // Derivatives by hidden states take turns in two buffers, from the head (layer `layers`) down to the embedding.
    const upstream = [this.#buffer(first.type), this.#buffer(first.type)];
    const headIsTrained = Object.values(this.model.headParameters).some(this.#isTrained);
    const plan = (accumulating: boolean): Run[] => {
      const heads = this.#plan.chunks.map(({ start, rows }, i) => {
        const adds = headIsTrained && (accumulating || i > 0);
        const options = { isTrained: this.#isTrained, accumulating: adds };
        const segment = this.#segment(`head.loss.${rows}.${adds}`, () => headLossGraph(this.model, rows, options));
        const byHidden = this.#rowsOf(upstream[layers % 2].f32, start, rows, width);
        const run = segment.bind({
          ...this.#headBindings(adds),
          hidden: this.#rowsOf(this.#hidden[layers].f32, start, rows, width),
          labels: this.#rowsOf(this.#labels, start, rows),
          'label.weights': this.#rowsOf(this.#labelWeights, start, rows),
          losses: this.#rowsOf(this.#losses, start, rows),
          'd.hidden': byHidden,
        });
        // The logits of a large vocabulary cost as much as several layers: rows without labels, such as prompts, need none.
        return async () => {
          const isWritten = headIsTrained && !adds;
          if (isWritten || this.#hasLabels(start, rows)) await run();
          else byHidden.f32.fill(0);
        };
      });
      const backward = this.#segment(`block.backward.${accumulating}`, () =>
        blockBackwardGraph(this.model, this, this.#plan.keep, { isTrained: this.#isTrained, accumulating }),
      );
      const blocks = kept.map((keep, layer) => [
        ...this.#packed.unpacking(layer),
        backward.bind({
          ...this.#layerContext(layer),
          ...keep,
          ...this.#layerBindings(layer, accumulating),
          hidden: this.#hidden[layer],
          'd.output': upstream[(layer + 1) % 2],
          'd.hidden': upstream[layer % 2],
        }),
      ]);
      return [...masks, ...forwardRuns, ...heads, ...blocks.reverse().flat()];
    };
    return this.#lazily(plan, upstream[0].f32);
  }

  #planWholeStep() {
    const byEmbedded = this.#buffer(this.#hidden[0].type);
    const count = this.rows * this.length;
    const tables = Object.fromEntries(
      this.#rotary.tables.flatMap((table, kind) => {
        const { cos, sin } = rotaryNames(kind);
        return table ? [[cos, table.cos] as const, [sin, table.sin] as const] : [];
      }),
    );
    const plan = (accumulating: boolean): Run[] => {
      const options = { isTrained: this.#isTrained, accumulating };
      const segment = this.#segment(`step.${accumulating}`, () => wholeStepGraph(this.model, this, options));
      const named = (prefix: string, buffers: ReadonlyMap<string, Buffer>) =>
        [...buffers].map(([name, buffer]) => [`${prefix}.${name}`, buffer]);
      const accumulated = accumulating ? named('a', this.#gradients) : [];
      const byName = Object.fromEntries([...named('w', this.#weights), ...named('d', this.#gradients), ...accumulated]);
      return [
        segment.bind({
          ...byName,
          ...this.#shared,
          ...tables,
          ...this.#headBindings(accumulating),
          hidden: this.#hidden[0],
          labels: this.#rowsOf(this.#labels, 0, count),
          'label.weights': this.#rowsOf(this.#labelWeights, 0, count),
          losses: this.#rowsOf(this.#losses, 0, count),
          'd.hidden': byEmbedded,
        }),
      ];
    };
    return this.#lazily(plan, byEmbedded.f32);
  }

  /** The accumulating form is compiled only when a step has a second batch. */
  #lazily(plan: (accumulating: boolean) => Run[], byEmbedded: Float32Array) {
    let accumulating: Run[] | undefined;
    return {
      fresh: plan(false),
      get accumulating() {
        accumulating ??= plan(true);
        return accumulating;
      },
      byEmbedded,
    };
  }
}
