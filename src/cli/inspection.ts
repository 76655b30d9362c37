/** Looks at stored models without loading them: what they are, and what is wrong with them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversionReport } from '../checkpoint/conversion-report.ts';
import type { GgufTensor } from '../checkpoint/gguf/header.ts';
import { openGgufModel } from '../checkpoint/gguf/open-gguf-model.ts';
import type { TensorTypeName } from '../checkpoint/gguf/tensor-types.ts';
import { indexFileName, readShardIndex } from '../checkpoint/huggingface/shard-index.ts';
import { readLlama2cModel } from '../checkpoint/llama2c/read-model.ts';
import { manifestFileName, readManifest, verifyManifest } from '../checkpoint/manifest.ts';
import { type DequantizedCheckpoint, openDequantized } from '../checkpoint/quantized/dequantized-checkpoint.ts';
import type { TensorEntry } from '../checkpoint/safetensors/header.ts';
import { openSafetensors } from '../checkpoint/safetensors/read.ts';
import { readSentenceModules, type SentenceModules } from '../embed/sentence-modules.ts';
import { FineryError, InputError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import type { Decoder, DecoderSizes } from '../models/decoder.ts';
import type { Encoder } from '../models/encoder.ts';
import { sharedTables } from '../models/encoder-decoder/shared-tables.ts';
import type { EncoderDecoder, EncoderDecoderSizes } from '../models/encoder-decoder.ts';
import { asEncoderParameters } from '../models/encoder-model.ts';
import { isSuperfluous } from '../models/model-checkpoint.ts';
import { storedDecoder } from '../models/own-head.ts';
import { createDecoder, createEncoder, createEncoderDecoder, isEncoder, isEncoderDecoder } from '../models/registry.ts';
import { asParameters, type StoredTensors } from '../models/stored-weights.ts';
import { type ElementType, elementCount, isFloatType } from '../tensor/element-type.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import { findTokenizer, tokenizerOf } from '../tokenizer/load.ts';

interface ArchitectureFacts {
  readonly modelType: string;
  /** Whether the head reads the embedding table; absent for an encoder, which has no head. */
  readonly tied?: boolean;
  /** What the configuration asks for. */
  readonly parameters: number;
}

export type Architecture = ArchitectureFacts & (DecoderSizes | EncoderDecoderSizes);

export interface ModelInspection {
  readonly path: string;
  readonly format: 'hugging face folder' | 'safetensors file' | 'gguf file' | 'llama2.c file';
  /** Absent where there is no configuration, or one that is not supported. */
  readonly architecture?: Architecture;
  readonly tensors: number;
  /** Elements of all tensors. */
  readonly elements: number;
  /** Bytes of all tensors. */
  readonly bytes: number;
  /** Elements by element type. */
  readonly types: Readonly<Partial<Record<ElementType | TensorTypeName, number>>>;
  /** Files that hold the tensors. */
  readonly shards: number;
  readonly tokenizer?: { readonly kind: string; readonly tokens: number };
  /** What the folder or file says about vectors of texts; absent where it says nothing. */
  readonly vectors?: Partial<Pick<SentenceModules, 'pooling' | 'normalize' | 'maxLength'>>;
  /** Absent where the folder has none; `whole` says that sizes and checksums are right. */
  readonly manifest?: {
    readonly files: number;
    readonly step?: number;
    readonly metric?: number;
    readonly whole: boolean;
  };
  /** Metadata of a safetensors file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How the tensors of a GGUF file, or of a quantised folder, become those of the architecture. */
  readonly conversion?: {
    readonly mapped: number;
    /** Weights by the form they are stored in. */
    readonly dequantized: Readonly<Record<string, number>>;
    readonly permuted: readonly string[];
    /** Whether there is no tensor for the head; absent for an encoder. */
    readonly tied?: boolean;
    /** By name, with the reason. */
    readonly ignored: Readonly<Record<string, string>>;
  };
  readonly warnings: readonly string[];
  /** Why the model cannot be used as it is. */
  readonly errors: readonly FineryError[];
}

export interface InspectOptions {
  /** Read all weights to find those that are NaN or infinite. Default no. */
  readonly weights?: boolean;
}

/** @throws InputError for what is none of the known formats, or too damaged to say anything about it. */
export async function inspectModel(path: string, { weights = false }: InspectOptions = {}): Promise<ModelInspection> {
  const status = await stat(path);
  if (status.isDirectory()) return inspectFolder(path, weights);
  if (path.endsWith('.safetensors')) return inspectSafetensors(path, weights);
  if (path.endsWith('.gguf')) return inspectGguf(path, weights);
  if (path.endsWith('.bin')) return inspectLlama2c(path, weights);
  throw new InputError({
    field: path,
    found: 'a file of unknown format',
    expected: 'a Hugging Face folder, a .safetensors file, a .gguf file or a llama2.c .bin file',
    fix: 'Name the folder of the model, or one of these files.',
  });
}

async function inspectFolder(path: string, weights: boolean): Promise<ModelInspection> {
  const errors: FineryError[] = [];
  // Checked first and by itself: it names the damaged file where reading would only fail somewhere in it.
  const manifest = await inspectManifest(path, errors);
  const modules = await collect(errors, () => readSentenceModules(path));
  const folder = modules?.model ?? path;
  const checkpoint = await openDequantized(folder);
  try {
    const { report, stored } = checkpoint;
    const warnings = [...checkpoint.warnings];
    const found = await collect(errors, () =>
      layOutStored(folder, checkpoint, {
        ofDecoder: (decoder) => asParameters(checkpoint, decoder),
        ofEncoder: (encoder) => asEncoderParameters(checkpoint, encoder),
      }),
    );
    if (found) await compareTensors(folder, found, { errors, warnings });
    const tokenizer = await inspectTokenizer(folder, found?.architecture, errors);
    if (weights) await (report ? checkWhole(folder, checkpoint, errors) : checkWeights(folder, stored, errors));
    return {
      path,
      format: 'hugging face folder',
      architecture: found && describeArchitecture(found.architecture),
      ...describeTensors(stored.tensors),
      shards: await countShards(folder),
      tokenizer,
      vectors: modules && describeVectors(modules),
      manifest,
      conversion: report && describeConversion(report, found),
      warnings,
      errors,
    };
  } finally {
    await checkpoint.close();
  }
}

/** An architecture and the tensors that are to fill it. */
interface Layout {
  readonly architecture: Decoder | Encoder | EncoderDecoder;
  readonly stored: StoredTensors;
  /** Tensors that may be there beside the parameters, with their shapes. */
  readonly carried: Encoder['carried'];
  /** Whether the model computes the same without a tensor that the architecture has no place for. */
  isSpare(name: string): boolean | Promise<boolean>;
  readonly warnings: readonly string[];
}

/** A checkpoint's tensors as the parameters of what its configuration describes. */
interface ParameterViews {
  ofDecoder(decoder: Decoder): StoredTensors;
  ofEncoder(encoder: Encoder): StoredTensors;
}

/**
 * @throws UsageError for a configuration that is not supported, and what else is wrong with the tables of a T5
 */
async function layOutStored(
  path: string,
  checkpoint: StoredTensors & { readonly config: JsonObject },
  { ofDecoder, ofEncoder }: ParameterViews,
): Promise<Layout> {
  if (isEncoder(checkpoint.config)) {
    const architecture = createEncoder(checkpoint.config);
    const { carried, isBeside } = architecture;
    return { architecture, stored: ofEncoder(architecture), carried, isSpare: isBeside, warnings: [] };
  }
  if (isEncoderDecoder(checkpoint.config)) {
    const { config, stored } = await sharedTables(path, checkpoint);
    const architecture = createEncoderDecoder(config);
    return { architecture, stored, carried: {}, isSpare: architecture.isBeside, warnings: [] };
  }
  const { decoder, stored, warnings } = await storedDecoder(path, checkpoint.config, ofDecoder);
  const isSpare = (name: string) => isSuperfluous(name, decoder, stored);
  return { architecture: decoder, stored, carried: {}, isSpare, warnings };
}

async function inspectSafetensors(path: string, weights: boolean): Promise<ModelInspection> {
  const errors: FineryError[] = [];
  const file = await openSafetensors(path);
  try {
    if (weights) await checkWeights(path, file, errors);
    const metadata = Object.fromEntries(file.metadata);
    return {
      path,
      format: 'safetensors file',
      ...describeTensors(file.tensors),
      shards: 1,
      metadata,
      warnings: [],
      errors,
    };
  } finally {
    await file.close();
  }
}

async function inspectGguf(path: string, weights: boolean): Promise<ModelInspection> {
  const errors: FineryError[] = [];
  const model = await openGgufModel(path);
  try {
    const { tensors, report, pooling, tokenizerFiles } = model;
    const warnings: string[] = [];
    const found = await collect(errors, () =>
      layOutStored(path, model, { ofDecoder: () => model, ofEncoder: () => model }),
    );
    if (found) await compareTensors(path, found, { errors, warnings });
    const tokenizer = tokenizerFiles && (await collect(errors, () => tokenizerOf(tokenizerFiles)));
    if (tokenizer && found) {
      const { vocabulary } = found.architecture.sizes;
      await collect(errors, () => assertVocabularyAgrees(tokenizer, { vocab_size: vocabulary }));
    }
    if (weights) await checkWhole(path, model, errors);
    return {
      path,
      format: 'gguf file',
      architecture: found && describeArchitecture(found.architecture),
      ...describeTensors(tensors),
      shards: model.parts,
      tokenizer: tokenizer && { kind: tokenizer.kind, tokens: tokenizer.vocabSize },
      vectors: pooling && { pooling },
      conversion: describeConversion(report, found),
      warnings,
      errors,
    };
  } finally {
    await model.close();
  }
}

const describeVectors = ({ pooling, normalize, maxLength }: SentenceModules) => ({ pooling, normalize, maxLength });

const describeConversion = (
  { mapped, dequantized, permuted, tied, ignored }: ConversionReport,
  found: Layout | undefined,
) => ({
  mapped: mapped.size,
  dequantized: countEach(dequantized.values()),
  permuted,
  ...(found && hasHead(found.architecture) && { tied }),
  ignored: Object.fromEntries(ignored),
});

function countEach(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

async function inspectLlama2c(path: string, weights: boolean): Promise<ModelInspection> {
  const errors: FineryError[] = [];
  const { config, tensors } = await readLlama2cModel(path);
  const decoder = createDecoder(config);
  if (weights) {
    for (const { name, data } of tensors) requireFinite(path, name, data, 0, errors);
  }
  let begin = 0;
  const entries = tensors.map(({ name, shape, data }): [string, TensorEntry] => {
    const entry = { dtype: 'f32' as const, shape, begin, end: begin + data.byteLength };
    begin = entry.end;
    return [name, entry];
  });
  const architecture = describeArchitecture(decoder);
  const held = describeTensors(new Map(entries));
  return { path, format: 'llama2.c file', architecture, ...held, shards: 1, warnings: [], errors };
}

/** The result, or undefined with the error added to `errors` where it is one that the user can act on. */
async function collect<T>(errors: FineryError[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FineryError)) throw error;
    errors.push(error);
    return undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function inspectManifest(path: string, errors: FineryError[]): Promise<ModelInspection['manifest']> {
  if (!(await isThere(join(path, manifestFileName)))) return undefined;
  const manifest = await collect(errors, () => readManifest(path));
  if (!manifest) return { files: 0, whole: false };
  const whole = await collect(errors, () => verifyManifest(path, manifest).then(() => true));
  const { step, metric } = manifest;
  return { files: Object.keys(manifest.files).length, step, metric, whole: whole ?? false };
}

async function inspectTokenizer(
  path: string,
  architecture: Layout['architecture'] | undefined,
  errors: FineryError[],
): Promise<ModelInspection['tokenizer']> {
  const tokenizer = await collect(errors, () => findTokenizer(path));
  if (!tokenizer) return undefined;
  if (architecture) {
    await collect(errors, () => assertVocabularyAgrees(tokenizer, { vocab_size: architecture.sizes.vocabulary }));
  }
  return { kind: tokenizer.kind, tokens: tokenizer.vocabSize };
}

async function countShards(path: string): Promise<number> {
  const index = join(path, indexFileName);
  if (!(await isThere(index))) return 1;
  return new Set((await readShardIndex(index)).weightMap.values()).size;
}

const hasHead = (architecture: Layout['architecture']): architecture is Decoder | EncoderDecoder =>
  'tied' in architecture;

function describeArchitecture(architecture: Layout['architecture']): Architecture {
  const { modelType, sizes, parameters } = architecture;
  const count = parameters.reduce((sum, { shape }) => sum + (elementCount(shape) ?? 0), 0);
  return { modelType, ...(hasHead(architecture) && { tied: architecture.tied }), parameters: count, ...sizes };
}

/** Of safetensors, or of GGUF. */
type StoredTensor = TensorEntry | GgufTensor;

function describeTensors(tensors: ReadonlyMap<string, StoredTensor>) {
  const types: Partial<Record<ElementType | TensorTypeName, number>> = {};
  let [elements, bytes] = [0, 0];
  for (const tensor of tensors.values()) {
    const { shape, begin, end } = tensor;
    const type = 'dtype' in tensor ? tensor.dtype : tensor.type;
    // The header's parser has refused shapes whose product is not exact.
    const count = elementCount(shape)!;
    types[type] = (types[type] ?? 0) + count;
    elements += count;
    bytes += end - begin;
  }
  return { tensors: tensors.size, elements, bytes, types };
}

const quote = (name: string): string => JSON.stringify(name);

/** Names of a list for a message: the first three, and how many more. */
function list(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).map(quote).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

async function compareTensors(
  path: string,
  { architecture, stored: { tensors }, carried, isSpare, warnings: odd }: Layout,
  { errors, warnings }: { readonly errors: FineryError[]; readonly warnings: string[] },
): Promise<void> {
  warnings.push(...odd);
  const fix = 'Weights and config.json are not of one model, or the file is damaged: get the checkpoint again.';
  const { parameters } = architecture;
  const shapes = new Map<string, readonly number[]>([
    ...parameters.map(({ name, shape }) => [name, shape] as const),
    ...Object.entries(carried),
  ]);
  const missing = parameters.flatMap(({ name }) => (tensors.has(name) ? [] : name));
  if (missing.length > 0) {
    const expected = `all ${parameters.length} tensors of the architecture`;
    errors.push(new InputError({ field: path, found: `no tensor ${list(missing)}`, expected, fix }));
  }
  for (const [name, { shape }] of tensors) {
    const wanted = shapes.get(name);
    if (!wanted || wanted.join() === shape.join()) continue;
    const field = `${path}, tensor ${quote(name)}`;
    errors.push(
      new InputError({ field, found: `shape [${shape.join(', ')}]`, expected: `shape [${wanted.join(', ')}]`, fix }),
    );
    break;
  }
  const further = [...tensors.keys()].filter((name) => !shapes.has(name));
  const foreign: string[] = [];
  const superfluous: string[] = [];
  for (const name of further) ((await isSpare(name)) ? superfluous : foreign).push(name);
  if (superfluous.length > 0) warnings.push(`${path}: ${list(superfluous)} changes nothing and is left out.`);
  if (foreign.length > 0) {
    const expected = 'no tensors that the architecture has no place for';
    errors.push(new InputError({ field: path, found: `tensor ${list(foreign)}`, expected, fix }));
  }
}

interface WeightReader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readRange(name: string, start: number, count: number): Promise<Float32Array>;
}

/** Elements looked at in one piece. */
const pieceLength = 2 ** 20;

/** Adds an error for the first weight of each tensor that is not finite. */
async function checkWeights(path: string, { tensors, readRange }: WeightReader, errors: FineryError[]): Promise<void> {
  for (const [name, { dtype, shape }] of tensors) {
    if (!isFloatType(dtype)) continue;
    const count = elementCount(shape)!;
    for (let start = 0; start < count; start += pieceLength) {
      const piece = await readRange(name, start, Math.min(pieceLength, count - start));
      if (!requireFinite(path, name, piece, start, errors)) break;
    }
  }
}

/** The same for weights that are converted whole. */
async function checkWhole(
  path: string,
  { tensors, readAllInto }: Pick<DequantizedCheckpoint, 'tensors' | 'readAllInto'>,
  errors: FineryError[],
): Promise<void> {
  for (const [name, { shape }] of tensors) {
    const values = new Float32Array(elementCount(shape)!);
    await readAllInto([[name, values]]);
    requireFinite(path, name, values, 0, errors);
  }
}

function requireFinite(path: string, name: string, data: Float32Array, start: number, errors: FineryError[]): boolean {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return true;
  errors.push(
    new InputError({
      field: `${path}, tensor ${quote(name)}, element ${start + index}`,
      found: String(data[index]),
      expected: 'a finite number',
      fix: 'Training diverged, or the file is damaged: go back to a good checkpoint.',
    }),
  );
  return false;
}
