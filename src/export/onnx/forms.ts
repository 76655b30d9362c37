/** In which numbers a model is written. The words and the endings of file names are those of transformers.js. */

export const onnxForms = ['fp32', 'fp16', 'q8', 'q4'] as const;
export type OnnxForm = (typeof onnxForms)[number];

export interface FormOfNumbers {
  /** Element type of hidden states and of the cache. */
  readonly dtype: 'f32' | 'f16';
  /** Of matrices where they are integers with a scale for each 32 values of a row, see `quantize`. */
  readonly precision?: 'int8' | 'int4';
  /** Before the `.onnx` of a file. */
  readonly suffix: string;
}

export const numbersOf: Readonly<Record<OnnxForm, FormOfNumbers>> = {
  fp32: { dtype: 'f32', suffix: '' },
  fp16: { dtype: 'f16', suffix: '_fp16' },
  q8: { dtype: 'f32', precision: 'int8', suffix: '_quantized' },
  q4: { dtype: 'f32', precision: 'int4', suffix: '_q4' },
};

/** @param graph which of a model's graphs, where it has several */
export const modelFileName = (form: OnnxForm, graph = 'model'): string => `${graph}${numbersOf[form].suffix}.onnx`;
