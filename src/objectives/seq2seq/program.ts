/**
 * A text from another, teacher-forced, as a program of segments: the encoder's blocks and last norm, the decoder's blocks,
 * head and loss in chunks of rows; then the same backwards. Both sides read one embedding table.
 */
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { StepOptions } from '../causal-lm/program.ts';
import type { Run } from '../layers/layer-stack.ts';
import { type ParameterArrays, ParameterBuffers } from '../layers/parameter-buffers.ts';
import { addRowGradients, takeRows } from '../layers/table-rows.ts';
import { VocabularyHead } from '../layers/vocabulary-head.ts';
import { Workspace } from '../layers/workspace.ts';
import type { Seq2SeqBatch, Seq2SeqShape } from './batch.ts';
import { BlockStack } from './block-stack.ts';
import { memoryBackwardGraph, memoryGraph } from './graphs.ts';
import { writeCausalMask, writeTextMask } from './masks.ts';

export interface Seq2SeqProgramOptions extends Seq2SeqShape {
  /** Rows of logits at a time. Default: so many that logits take 64 MB. */
  readonly headRows?: number;
}

/** Runs of a step, and the derivatives by the embedded tokens that they leave. */
interface PlannedStep {
  readonly forward: readonly Run[];
  backward(accumulating: boolean): readonly Run[];
  readonly byInput: Float32Array;
  readonly byDecoder: Float32Array;
}

export class Seq2SeqProgram {
  readonly model: EncoderDecoder;
  readonly shape: Seq2SeqShape;
  readonly #workspace: Workspace;
  readonly #parameters: ParameterBuffers;
  readonly #encoder: BlockStack;
  readonly #decoder: BlockStack;
  /** The encoder's states after its last norm, and the derivatives by them. */
  readonly #memory: Buffer;
  readonly #byMemory: Buffer;
  readonly #head: VocabularyHead;
  readonly #inputIds: Int32Array;
  readonly #decoderIds: Int32Array;
  #score?: readonly Run[];
  #logits?: { readonly runs: readonly Run[]; readonly array: Float32Array };
  #step?: PlannedStep;
  readonly #backward = new Map<boolean, readonly Run[]>();

  constructor(
    engine: Engine,
    model: EncoderDecoder,
    parameters: ReadonlyMap<string, ParameterArrays>,
    { rows, inputLength, targetLength, headRows }: Seq2SeqProgramOptions,
  ) {
    const { hidden } = model.sizes;
    this.model = model;
    this.shape = { rows, inputLength, targetLength };
    this.#workspace = new Workspace(engine);
    this.#parameters = new ParameterBuffers(this.#workspace, model.parameters, parameters);
    this.#memory = this.#workspace.buffer({ dtype: 'f32', shape: [rows * inputLength, hidden] });
    this.#byMemory = this.#workspace.buffer(this.#memory.type);
    this.#encoder = new BlockStack(this.#workspace, model, {
      side: 'encoder',
      shape: { rows, length: inputLength },
      parameters: this.#parameters,
    });
    this.#decoder = new BlockStack(this.#workspace, model, {
      side: 'decoder',
      shape: { rows, length: targetLength, inputLength },
      parameters: this.#parameters,
      memory: { states: this.#memory, mask: this.#encoder.mask, byStates: this.#byMemory },
    });
    writeCausalMask(this.#decoder.mask.f32, targetLength);
    const count = rows * targetLength;
    this.#head = new VocabularyHead(this.#workspace, model, this.#parameters, { count, chunkRows: headRows });
    this.#inputIds = new Int32Array(rows * inputLength);
    this.#decoderIds = new Int32Array(count);
  }

  /**
   * Sum of the batch's negative log-likelihoods in nats; the gradients of their weighted sum go to the parameters'
   * gradient arrays.
   */
  async forwardBackward(
    batch: Seq2SeqBatch,
    { labelWeight, accumulate }: Pick<StepOptions, 'labelWeight' | 'accumulate'>,
  ): Promise<number> {
    this.#load(batch, labelWeight);
    this.#step ??= this.#planStep();
    const { embedding, head } = this.model.names;
    const byTable = this.#parameters.gradients.get(embedding)?.f32;
    // A tied table's gradient is first written by the head; an untied one starts from zero.
    if (embedding !== head && !accumulate) byTable?.fill(0);
    const backward = this.#backward.get(accumulate) ?? this.#step.backward(accumulate);
    this.#backward.set(accumulate, backward);
    for (const run of [...this.#step.forward, ...backward]) await run();
    if (byTable) {
      const width = this.model.sizes.hidden;
      addRowGradients(byTable, this.#inputIds, this.#step.byInput, { width });
      addRowGradients(byTable, this.#decoderIds, this.#step.byDecoder, { width });
    }
    return this.#head.sumOfLosses();
  }

  /** Negative log-likelihood in nats of each label, 0 where there is none: [rows * targetLength]. */
  async score(batch: Seq2SeqBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#score ??= this.#planScore();
    for (const run of this.#score) await run();
    return this.#head.scores();
  }

  /** Logits [rows * targetLength, vocabulary]. Valid until the next call. Large: for tests and short texts. */
  async logits(batch: Seq2SeqBatch): Promise<Float32Array> {
    this.#load(batch, 1);
    this.#logits ??= this.#planLogits();
    for (const run of this.#logits.runs) await run();
    return this.#logits.array;
  }

  release(): void {
    this.#workspace.release();
  }

  #load(batch: Seq2SeqBatch, labelWeight: number): void {
    const formOf = ({ rows, inputLength, targetLength }: Seq2SeqShape) => `${rows} x ${inputLength} to ${targetLength}`;
    if (formOf(batch) !== formOf(this.shape)) {
      throw new Error(`the program is for ${formOf(this.shape)} tokens, the batch has ${formOf(batch)}`);
    }
    this.#inputIds.set(batch.inputIds);
    this.#decoderIds.set(batch.decoderIds);
    writeTextMask(this.#encoder.mask.f32, batch.inputSegments);
    this.#head.load(batch.labels, labelWeight);
    const { names, sizes } = this.model;
    const table = this.#parameters.weights.get(names.embedding)!.f32;
    takeRows(table, this.#inputIds, this.#encoder.input.f32, { width: sizes.hidden });
    takeRows(table, this.#decoderIds, this.#decoder.input.f32, { width: sizes.hidden });
  }

  get #inputTokens(): number {
    return this.shape.rows * this.shape.inputLength;
  }

  #forward(): { readonly runs: readonly Run[]; readonly output: Buffer } {
    const encoder = this.#encoder.forward();
    const decoder = this.#decoder.forward();
    return { runs: [...encoder.runs, this.#memoryRun(encoder.output), ...decoder.runs], output: decoder.output };
  }

  #memoryRun(hidden: Buffer): Run {
    return this.#workspace
      .segment('memory', () => memoryGraph(this.model, this.#inputTokens))
      .bind({
        ...this.#parameters.bindings(this.model.encoder.finalNorm.parameters),
        hidden,
        memory: this.#memory,
      });
  }

  #planStep(): PlannedStep {
    const encoder = this.#encoder.training();
    const decoder = this.#decoder.training();
    return {
      forward: [...encoder.runs, this.#memoryRun(encoder.output), ...decoder.runs],
      backward: (accumulating) => [
        ...this.#head.lossRuns(decoder.output, decoder.byOutput, accumulating),
        async () => {
          this.#byMemory.f32.fill(0);
        },
        ...decoder.backward(accumulating),
        this.#memoryBackward(encoder.output, encoder.byOutput, accumulating),
        ...encoder.backward(accumulating),
      ],
      byInput: encoder.byInput.f32,
      byDecoder: decoder.byInput.f32,
    };
  }

  #memoryBackward(hidden: Buffer, byHidden: Buffer, accumulating: boolean): Run {
    const options = { isTrained: this.#parameters.isTrained, accumulating };
    return this.#workspace
      .segment(`memory.backward.${accumulating}`, () => memoryBackwardGraph(this.model, this.#inputTokens, options))
      .bind({
        ...this.#parameters.bindings(this.model.encoder.finalNorm.parameters, accumulating),
        hidden,
        'd.memory': this.#byMemory,
        'd.hidden': byHidden,
      });
  }

  #planScore(): readonly Run[] {
    const { runs, output } = this.#forward();
    return [...runs, ...this.#head.scoreRuns(output)];
  }

  #planLogits() {
    const { runs, output } = this.#forward();
    const logits = this.#head.logits(output);
    return { runs: [...runs, ...logits.runs], array: logits.array };
  }
}
