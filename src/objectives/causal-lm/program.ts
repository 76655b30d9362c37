/**
 * Next-token prediction as a program of segments: embed, one block segment run once per layer, head and loss in chunks
 * of rows; then the same backwards. Every segment is compiled once; weights, gradients and activations are buffers that
 * it reads and writes in place. A tiny model runs the whole step as one segment instead.
 */
import type { Decoder } from '../../models/decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import { rotaryNames } from '../layers/graphs.ts';
import type { DropoutStreams } from '../layers/input-factors.ts';
import { LayerStack, type Run } from '../layers/layer-stack.ts';
import { type ParameterArrays, ParameterBuffers } from '../layers/parameter-buffers.ts';
import { addRowGradients, addRows, takeRows } from '../layers/table-rows.ts';
import { VocabularyHead } from '../layers/vocabulary-head.ts';
import { Workspace } from '../layers/workspace.ts';
import type { TokenBatch } from './batch.ts';
import { wholeStepGraph } from './graphs.ts';
import { type PlanOptions, planStep } from './plan.ts';

export type { ParameterArrays } from '../layers/parameter-buffers.ts';

export type ProgramOptions = PlanOptions;

export interface StepOptions {
  /** Weight of each label's loss: one over the labels of the whole optimizer step. */
  readonly labelWeight: number;
  /** Add to the gradients that are there instead of replacing them. */
  readonly accumulate: boolean;
  /** Changes in place what the tokens were embedded as, [rows * length, hidden], before the first layer reads it. */
  readonly perturb?: (embedded: Float32Array) => void;
  /** What is left out of this batch; needed by a model with dropout. */
  readonly dropout?: DropoutStreams;
}

/** Runs of a step, and the derivatives by the embedded tokens that they leave. */
interface PlannedStep {
  readonly fresh: readonly Run[];
  /** Compiled only when a step has a second batch. */
  readonly accumulating: readonly Run[];
  readonly byEmbedded: Float32Array;
}

export class CausalLmProgram {
  readonly model: Decoder;
  readonly rows: number;
  readonly length: number;
  /** Whether a step is one segment. */
  readonly whole: boolean;
  readonly #workspace: Workspace;
  readonly #parameters: ParameterBuffers;
  readonly #stack: LayerStack;
  readonly #head: VocabularyHead;
  readonly #ids: Int32Array;
  #score?: readonly Run[];
  #logits?: { readonly runs: readonly Run[]; readonly array: Float32Array };
  #step?: PlannedStep;

  constructor(
    engine: Engine,
    model: Decoder,
    parameters: ReadonlyMap<string, ParameterArrays>,
    options: ProgramOptions,
  ) {
    const { rows, length } = options;
    this.model = model;
    this.rows = rows;
    this.length = length;
    this.#workspace = new Workspace(engine);
    this.#parameters = new ParameterBuffers(this.#workspace, model.parameters, parameters);
    const { keep, whole } = planStep(model, options);
    const stored = { buffers: this.#parameters, arrays: parameters };
    this.#stack = new LayerStack(this.#workspace, model, stored, { rows, length, keep });
    this.whole = whole && !this.#stack.isPacked;
    for (const { name } of model.parameters) {
      if (!this.#parameters.weights.has(name)) throw new Error(`${name} cannot be packed`);
    }
    const count = rows * length;
    this.#ids = new Int32Array(count);
    this.#head = new VocabularyHead(this.#workspace, model, this.#parameters, { count, chunkRows: options.headRows });
  }

  /**
   * Sum of the batch's negative log-likelihoods in nats; the gradients of their weighted sum go to the parameters'
   * gradient arrays.
   */
  async forwardBackward(batch: TokenBatch, options: StepOptions): Promise<number> {
    const { labelWeight, accumulate, perturb, dropout } = options;
    this.#load(batch, labelWeight, dropout);
    perturb?.(this.#stack.input.f32);
    this.#step ??= this.whole ? this.#planWholeStep() : this.#planSegments();
    const { embedding, positions, head } = this.model.names;
    const gradientOf = (name: string | undefined) =>
      name === undefined ? undefined : this.#parameters.gradients.get(name)?.f32;
    const [byToken, byPosition] = [gradientOf(embedding), gradientOf(positions)];
    // A tied table's gradient is first written by the head; an untied one starts from zero.
    if (embedding !== head && !accumulate) byToken?.fill(0);
    if (!accumulate) byPosition?.fill(0);
    for (const run of accumulate ? this.#step.accumulating : this.#step.fresh) await run();
    const { byEmbedded } = this.#step;
    const width = this.model.sizes.hidden;
    if (byToken) addRowGradients(byToken, this.#ids, byEmbedded, { width, scale: this.model.embeddingScale });
    if (byPosition) addRowGradients(byPosition, this.#stack.inputs.positions.i32, byEmbedded, { width });
    return this.#head.sumOfLosses();
  }

  /** Negative log-likelihood in nats of each label, 0 where there is none: [rows * length]. */
  async score(batch: TokenBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#score ??= this.#planScore();
    for (const run of this.#score) await run();
    return this.#head.scores();
  }

  /** Logits [rows * length, vocabulary]. Valid until the next call. Large: for tests and short texts. */
  async logits(batch: TokenBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#logits ??= this.#planLogits();
    for (const run of this.#logits.runs) await run();
    return this.#logits.array;
  }

  release(): void {
    this.#workspace.release();
  }

  #load(batch: TokenBatch, labelWeight: number, dropout?: DropoutStreams): void {
    if (batch.rows !== this.rows || batch.length !== this.length) {
      throw new Error(
        `the program is for ${this.rows} x ${this.length} tokens, the batch has ${batch.rows} x ${batch.length}`,
      );
    }
    this.#ids.set(batch.ids);
    this.#stack.load(batch, dropout);
    this.#head.load(batch.labels, labelWeight);
    this.#embed();
  }

  #embed(): void {
    const { names, embeddingScale, sizes } = this.model;
    const { weights } = this.#parameters;
    const [hidden, width] = [this.#stack.input.f32, sizes.hidden];
    takeRows(weights.get(names.embedding)!.f32, this.#ids, hidden, { width, scale: embeddingScale });
    if (names.positions === undefined) return;
    addRows(weights.get(names.positions)!.f32, this.#stack.inputs.positions.i32, hidden, width);
  }

  #planScore(): Run[] {
    const { runs, output } = this.#stack.forward();
    return [...runs, ...this.#head.scoreRuns(output)];
  }

  #planLogits() {
    const { runs, output } = this.#stack.forward();
    const logits = this.#head.logits(output);
    return { runs: [...runs, ...logits.runs], array: logits.array };
  }

  #planSegments(): PlannedStep {
    const layers = this.#stack.training();
    const plan = (accumulating: boolean): Run[] => [
      ...layers.runs,
      ...this.#head.lossRuns(layers.output, layers.byOutput, accumulating),
      ...layers.backward(accumulating),
    ];
    return lazily(plan, layers.byInput.f32);
  }

  #planWholeStep(): PlannedStep {
    const { input, inputs, rotary, factors } = this.#stack;
    const { drawing, bindings } = factors.ofStep();
    const byEmbedded: Buffer = this.#workspace.buffer(input.type);
    const tables = Object.fromEntries(
      rotary.tables.flatMap((table, kind) => {
        const { cos, sin } = rotaryNames(kind);
        return table ? [[cos, table.cos] as const, [sin, table.sin] as const] : [];
      }),
    );
    const byName = Object.fromEntries(this.model.parameters.map(({ name }) => [name, name]));
    const plan = (accumulating: boolean): Run[] => {
      const options = { isTrained: this.#parameters.isTrained, accumulating };
      const segment = this.#workspace.segment(`step.${accumulating}`, () => wholeStepGraph(this.model, this, options));
      return [
        ...drawing,
        segment.bind({
          ...bindings,
          ...this.#parameters.bindings({ ...byName, ...this.model.headParameters }, accumulating),
          ...inputs,
          ...tables,
          ...this.#head.bindings(),
          hidden: input,
          'd.hidden': byEmbedded,
        }),
      ];
    };
    return lazily(plan, byEmbedded.f32);
  }
}

function lazily(plan: (accumulating: boolean) => readonly Run[], byEmbedded: Float32Array): PlannedStep {
  let accumulating: readonly Run[] | undefined;
  return {
    fresh: plan(false),
    get accumulating() {
      accumulating ??= plan(true);
      return accumulating;
    },
    byEmbedded,
  };
}
