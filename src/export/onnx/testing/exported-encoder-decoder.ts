/** Runs the two models of an exported encoder-decoder with the binding that transformers.js runs them with. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { modelFileName, type OnnxForm } from '../forms.ts';
import { emptyCache } from './empty-cache.ts';

type Tensors = Readonly<Record<string, Tensor>>;

export interface ExportedEncoderDecoder {
  /** What the encoder makes of inputs of several lengths, padded behind the shorter ones. */
  read(inputs: readonly ArrayLike<number>[], padId: number): Promise<Memory>;
  /** Logits [rows, length, vocabulary] of tokens that follow those that `cache` is of, and the cache with them in it. */
  write(
    memory: Memory,
    rows: readonly (readonly number[])[],
    cache?: Tensors,
  ): Promise<{ readonly logits: Float32Array; readonly cache: Tensors }>;
  release(): Promise<void>;
}

interface Memory {
  readonly states: Tensor;
  readonly mask: Tensor;
}

const int64 = (rows: readonly (readonly number[])[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0].length]);

/** @param folder the exported one */
export async function openExportedEncoderDecoder(folder: string, form: OnnxForm): Promise<ExportedEncoderDecoder> {
  const open = (graph: string) =>
    InferenceSession.create(join(folder, 'onnx', modelFileName(form, graph)), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  const [encoder, decoder] = [await open('encoder_model'), await open('decoder_model_merged')];
  const empty = (rows: number) => emptyCache(decoder, rows);
  return {
    async read(inputs, padId) {
      const length = Math.max(...inputs.map((ids) => ids.length));
      const rows = (value: (ids: ArrayLike<number>, i: number) => number) =>
        int64(inputs.map((ids) => Array.from({ length }, (_, i) => value(ids, i))));
      const mask = rows((ids, i) => (i < ids.length ? 1 : 0));
      const ids = rows((given, i) => given[i] ?? padId);
      const { last_hidden_state: states } = await encoder.run({ input_ids: ids, attention_mask: mask });
      return { states, mask };
    },
    async write({ states, mask }, rows, cache = empty(rows.length)) {
      const { logits, ...present } = await decoder.run({
        input_ids: int64(rows),
        encoder_attention_mask: mask,
        encoder_hidden_states: states,
        ...cache,
      });
      const past = Object.entries(present).map(([name, tensor]) => [
        name.replace('present', 'past_key_values'),
        tensor,
      ]);
      return { logits: logits.data as Float32Array, cache: Object.fromEntries(past) };
    },
    async release() {
      await Promise.all([encoder.release(), decoder.release()]);
    },
  };
}
