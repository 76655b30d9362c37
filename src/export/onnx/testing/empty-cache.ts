import { type InferenceSession, Tensor } from 'onnxruntime-node';

/** What an exported decoder is given as its cache before the first token, for so many rows. */
export function emptyCache({ inputMetadata }: InferenceSession, rows: number): Record<string, Tensor> {
  const caches = inputMetadata.filter(({ name }) => name.startsWith('past_key_values.'));
  return Object.fromEntries(
    caches.map((meta) => {
      if (!meta.isTensor) throw new Error(`${meta.name} is no tensor`);
      const shape = meta.shape.map((size) => (typeof size === 'number' ? size : size === 'batch_size' ? rows : 0));
      const values = meta.type === 'float16' ? new Uint16Array() : new Float32Array();
      // An overload for each type, and none for one of them.
      return [meta.name, new Tensor(meta.type as 'float32', values as Float32Array, shape)];
    }),
  );
}
