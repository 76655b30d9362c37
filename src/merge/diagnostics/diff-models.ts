/** Compares models that come from one base: streams their checkpoints, measures every tensor, and says what follows. */
import { type Checkpoint, openCheckpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';
import type { TensorEntry } from '../../checkpoint/safetensors/header.ts';
import { InputError, UsageError } from '../../errors.ts';
import type { ElementType } from '../../tensor/element-type.ts';
import { compareConfigs } from './compare-configs.ts';
import { commonTensors, compareTensors } from './compare-tensors.ts';
import { compareTokenizers, readTokenizerTable } from './compare-tokenizers.ts';
import { openDeltas, type TensorDeltas } from './delta-blocks.ts';
import { type DiffedSource, openDiffed } from './diffed-source.ts';
import { figuresOf } from './figures.ts';
import type { Finding } from './finding.ts';
import { addToGroup, emptyGroup, type GroupSums } from './group-sums.ts';
import { countAbove, emptyHistogram, type MagnitudeHistogram, magnitudeQuantile } from './magnitude-histogram.ts';
import { measureTensor, passesOver, type TensorMeasures, type VectorPair, vectorPairs } from './measure-tensor.ts';
import type { DiffedCell, DiffedModel, DiffedPair, DiffedTensor, ModelDiff } from './model-diff.ts';
import { ancestryFindings, recommend, smallDelta } from './recommendation.ts';
import { placeOf, type TensorPlace } from './tensor-place.ts';

export interface DiffOptions {
  /** Names to show instead of the folders: of the base, then of the models. */
  readonly names?: readonly string[];
  /** Leading directions of each matrix that are compared, up to 64; 0 for none. Default 8. */
  readonly rank?: number;
  /** Of the control's noise and of the iterations. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DiffProgress) => void;
}

interface DiffProgress {
  /** Bytes of weights gone over, as float32, in all passes over all checkpoints. */
  readonly done: number;
  readonly total: number;
}

/** Letters are few, pairs grow with the square. */
export const mostModels = 8;

/** The control's noise is as large as A itself: its cosine should be 1 / sqrt(2). */
const noise = 1;

const unitRoundoffs: Readonly<Partial<Record<ElementType, number>>> = { bf16: 2 ** -8, f16: 2 ** -11 };

/**
 * @param base a Hugging Face folder
 * @param folders of the models, one or more: Hugging Face folders, or LoRA folders of PEFT that were trained on the base
 * @throws UsageError for too many models; InputError for a folder that is not whole, a NaN or infinite weight, or models that
 * have no tensor in common
 */
export async function diffModels(
  base: string,
  folders: readonly string[],
  options: DiffOptions = {},
): Promise<ModelDiff> {
  const { names = [base, ...folders], rank = 8, seed = 0, signal, onProgress } = options;
  requireFew(folders);
  const origin = await openCheckpoint(base);
  const models: DiffedSource[] = [];
  try {
    for (const folder of folders) models.push(await openDiffed(folder, origin));
    const letters = models.map((_, i) => String.fromCharCode(65 + i));
    const findings = await compareFolders(origin, models, letters);
    const shared = commonTensors(
      origin.tensors,
      models.map(({ tensors }) => tensors),
    );
    requireCommon(shared, origin, models);

    const open = ([name, { shape }]: (typeof shared)[number]): TensorDeltas => openDeltas(name, shape, origin, models);
    const meter = createMeter(shared.map(open), models.length, rank, onProgress);
    const collected = createCollection(models.length);
    for (const [name, entry] of shared) {
      const tensor = open([name, entry]);
      const measures = await measureTensor(tensor, models.length, {
        rank,
        seed,
        noise,
        unitRoundoff: coarsest(name, entry, models),
        onBlock: (elements) => {
          signal?.throwIfAborted();
          meter(elements);
        },
      });
      collected.add(tensor, entry.shape, measures);
    }
    return conclude({ names, letters, findings, rank, seed, collected });
  } finally {
    for (const { close } of [origin, ...models]) await close();
  }
}

function requireFew(folders: readonly string[]): void {
  if (folders.length >= 1 && folders.length <= mostModels) return;
  throw new UsageError({
    field: 'models',
    found: String(folders.length),
    expected: `from 1 to ${mostModels}`,
    fix: 'Compare fewer at a time.',
  });
}

function requireCommon(shared: readonly unknown[], origin: Checkpoint, models: readonly DiffedSource[]): void {
  if (shared.length > 0) return;
  throw new InputError({
    field: [origin, ...models].map(({ folder }) => folder).join(', '),
    found: 'no float tensor that all have in one shape',
    expected: 'models of one architecture',
    fix: 'Name the base first, then models that were trained from it.',
  });
}

async function compareFolders(
  base: Checkpoint,
  models: readonly DiffedSource[],
  letters: readonly string[],
): Promise<readonly Finding[]> {
  const tokenizer = await readTokenizerTable(base.folder);
  const findings: Finding[] = [];
  for (const [i, model] of models.entries()) {
    // An adapter has the base's configuration and tensors, and its tokenizer unless it brings one.
    const own = (await readTokenizerTable(model.folder)) ?? (model.adds ? tokenizer : undefined);
    findings.push(
      ...compareConfigs(letters[i], base.config, model.config),
      ...compareTensors(letters[i], base.tensors, model.tensors),
      ...compareTokenizers(letters[i], tokenizer, own),
    );
  }
  return findings;
}

/** Of what the deltas were computed from; those of adapters owe nothing to the stored weights. */
function coarsest(name: string, entry: TensorEntry, models: readonly DiffedSource[]): number {
  const stored = models.filter(({ adds }) => !adds).map(({ tensors }) => tensors.get(name)!);
  const types = stored.length > 0 ? [entry, ...stored] : [];
  return Math.max(2 ** -24, ...types.map(({ dtype }) => unitRoundoffs[dtype] ?? 0));
}

function createMeter(
  work: readonly TensorDeltas[],
  models: number,
  rank: number,
  onProgress: DiffOptions['onProgress'],
): (elements: number) => void {
  const bytes = 4 * (models + 1);
  const total = work.reduce((sum, tensor) => sum + tensor.length * passesOver(models, tensor, rank), 0) * bytes;
  let done = 0;
  return (elements) => {
    done += elements * bytes;
    onProgress?.({ done, total });
  };
}

interface Collection {
  readonly total: GroupSums;
  readonly matrices: GroupSums;
  readonly layers: ReadonlyMap<string, GroupSums>;
  readonly modules: ReadonlyMap<string, GroupSums>;
  readonly cells: ReadonlyMap<string, CellSums>;
  readonly tensors: readonly DiffedTensor[];
  readonly histograms: readonly MagnitudeHistogram[];
  add(tensor: TensorDeltas, shape: readonly number[], measures: TensorMeasures): void;
}

interface CellSums {
  readonly layer: number;
  readonly module: string;
  readonly sums: GroupSums;
}

function createCollection(models: number): Collection {
  const empty = (): GroupSums => emptyGroup(models, vectorPairs(models).length);
  const groupIn = (groups: Map<string, GroupSums>, name: string): GroupSums => {
    const group = groups.get(name) ?? empty();
    groups.set(name, group);
    return group;
  };
  const cells = new Map<string, CellSums>();
  const cellAt = ({ layer, module }: TensorPlace): readonly GroupSums[] => {
    if (layer === null) return [];
    const key = JSON.stringify([layer, module]);
    const cell = cells.get(key) ?? { layer, module, sums: empty() };
    cells.set(key, cell);
    return [cell.sums];
  };
  const [total, matrices] = [empty(), empty()];
  const [layers, modules] = [new Map<string, GroupSums>(), new Map<string, GroupSums>()];
  const tensors: DiffedTensor[] = [];
  const histograms = Array.from({ length: models }, emptyHistogram);
  return {
    total,
    matrices,
    layers,
    modules,
    cells,
    tensors,
    histograms,
    add(tensor, shape, measures) {
      const place = placeOf(tensor.name);
      const groups = [
        total,
        ...(place.layer !== null && shape.length > 1 ? [matrices] : []),
        groupIn(layers, place.layer === null ? 'outside the layers' : String(place.layer)),
        groupIn(modules, place.module),
        ...cellAt(place),
      ];
      for (const group of groups) addToGroup(group, measures);
      for (const [i, histogram] of measures.histograms.entries())
        for (let bin = 0; bin < histogram.length; bin++) histograms[i][bin] += histogram[bin];
      const own = empty();
      addToGroup(own, measures);
      tensors.push({
        name: tensor.name,
        ...place,
        shape,
        figures: figuresOf(own),
        spectra: measures.spectra.map((spectrum) => spectrum ?? null),
        angles: measures.pairs.map(({ left, right }) =>
          left && right
            ? {
                left: left.cosines,
                right: right.cosines,
                randomLeft: left.randomCosine,
                randomRight: right.randomCosine,
              }
            : null,
        ),
      });
    },
  };
}

interface Conclusion {
  readonly names: readonly string[];
  readonly letters: readonly string[];
  readonly findings: readonly Finding[];
  readonly rank: number;
  readonly seed: number;
  readonly collected: Collection;
}

function conclude({ names, letters, findings, rank, seed, collected }: Conclusion): ModelDiff {
  const [base, ...modelNames] = names;
  const pairs = vectorPairs(letters.length).map((pair) => describePair(pair, letters));
  const total = figuresOf(collected.total);
  const matrices = collected.matrices.tensors > 0 ? figuresOf(collected.matrices) : null;
  const models = letters.map((letter, i) => describeModel(letter, modelNames[i], collected.histograms[i]));
  const all = [...findings, ...ancestryFindings(letters, matrices ?? total)];
  const groups = (of: ReadonlyMap<string, GroupSums>) =>
    [...of].map(([name, sums]) => ({ name, figures: figuresOf(sums) }));
  const modules = groups(collected.modules);
  return {
    base,
    models,
    pairs,
    settings: { rank, seed, noise },
    findings: all.toSorted((a, b) => Number(b.severity === 'impossible') - Number(a.severity === 'impossible')),
    recommendations: recommend({ pairs, models, figures: matrices ?? total, modules, noise, findings: all }),
    total,
    matrices,
    layers: groups(collected.layers).toSorted((a, b) => orderOf(a.name) - orderOf(b.name)),
    modules,
    cells: [...collected.cells.values()]
      .map(({ layer, module, sums }): DiffedCell => ({ layer, module, figures: figuresOf(sums) }))
      .toSorted((a, b) => a.layer - b.layer),
    tensors: collected.tensors,
  };
}

/** Layers by number, what is outside of them last. */
const orderOf = (layer: string): number => (/^\d+$/.test(layer) ? Number(layer) : Number.MAX_SAFE_INTEGER);

function describePair({ a, b }: VectorPair, letters: readonly string[]): DiffedPair {
  if (b === 'noise') return { a: letters[a], b: 'noise', kind: 'negative control' };
  if (b === 'noisy') return { a: letters[a], b: `${letters[a]} + noise`, kind: 'positive control' };
  return { a: letters[a], b: letters[b], kind: 'models' };
}

function describeModel(letter: string, name: string, histogram: MagnitudeHistogram): DiffedModel {
  const elements = histogram.reduce((sum, count) => sum + count, 0);
  return {
    letter,
    name,
    magnitudes: {
      p50: magnitudeQuantile(histogram, 0.5),
      p90: magnitudeQuantile(histogram, 0.9),
      p99: magnitudeQuantile(histogram, 0.99),
      'p99.9': magnitudeQuantile(histogram, 0.999),
    },
    aboveSmall: countAbove(histogram, smallDelta) / elements,
  };
}
