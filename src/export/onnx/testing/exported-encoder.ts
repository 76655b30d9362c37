/** Runs an exported encoder with the binding that transformers.js runs it with. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface ExportedEncoderModel {
  /** The last hidden states [length, hidden] of each text, computed in one batch with padding behind the shorter ones. */
  statesOf(texts: readonly ArrayLike<number>[], padId: number): Promise<Float32Array[]>;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  release(): Promise<void>;
}

export async function openExportedEncoderModel(path: string): Promise<ExportedEncoderModel> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    async statesOf(texts, padId) {
      const length = Math.max(...texts.map((ids) => ids.length));
      const rows = (value: (ids: ArrayLike<number>, i: number) => number) => {
        const values = texts.flatMap((ids) => Array.from({ length }, (_, i) => BigInt(value(ids, i))));
        return new Tensor('int64', BigInt64Array.from(values), [texts.length, length]);
      };
      const feeds: Record<string, Tensor> = {
        input_ids: rows((ids, i) => (i < ids.length ? ids[i] : padId)),
        attention_mask: rows((ids, i) => (i < ids.length ? 1 : 0)),
        token_type_ids: rows(() => 0),
      };
      const given = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
      const { last_hidden_state: states } = await session.run(given);
      const values = states.data as Float32Array;
      const row = values.length / texts.length;
      const width = row / length;
      return texts.map((ids, i) => values.slice(i * row, i * row + ids.length * width));
    },
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    release: () => session.release(),
  };
}
