/** Architectures that have a form in GGUF, by the name that the format has for them. */

interface GgufArchitecture {
  /** `model_type` of what is written so; of the first is what is read, unless it has experts. */
  readonly modelTypes: readonly [string, ...string[]];
  /** Rows of query and key are in pairs, see `rotary-rows.ts`. */
  readonly hasPairs?: boolean;
  /** Layers with a window for each one without, as llama.cpp has it built in; the last of them has none. */
  readonly layersPerFull?: number;
  /** llama.cpp takes the queries of all heads to be as wide as the hidden states. */
  readonly queriesAsWideAsHidden?: boolean;
  /** Weights of norms are written with the 1 that is added to them. */
  readonly addsOneToNorms?: boolean;
}

export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: { modelTypes: ['llama', 'mistral', 'mixtral'], hasPairs: true },
  qwen2: { modelTypes: ['qwen2'] },
  qwen3: { modelTypes: ['qwen3'] },
  olmo2: { modelTypes: ['olmo2'] },
  phi3: { modelTypes: ['phi3'], queriesAsWideAsHidden: true },
  gemma2: { modelTypes: ['gemma2'], layersPerFull: 2, addsOneToNorms: true },
  gemma3: { modelTypes: ['gemma3_text'], layersPerFull: 6, addsOneToNorms: true },
  gpt2: { modelTypes: ['gpt2'] },
  qwen: { modelTypes: ['qwen'], queriesAsWideAsHidden: true },
};

/** Whether a tensor, by its name in the file, is the weight of a norm that the format adds 1 to. */
export const hasOneAdded = (architecture: string, nameInFile: string): boolean =>
  (ggufArchitectures[architecture].addsOneToNorms ?? false) && /norm\.weight$/.test(nameInFile);
