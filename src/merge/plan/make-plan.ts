/** From a recipe and its opened models to the plan of a merge. */
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { InputError, UsageError } from '../../errors.ts';
import { byteWidth, type ElementType, elementCount, isFloatType } from '../../tensor/element-type.ts';
import type { AnyMergeMethod } from '../method.ts';
import { passthrough } from '../methods/passthrough.ts';
import type { MergeRecipe } from '../recipe/merge-recipe.ts';
import { didYouMean } from '../recipe/read-merge-recipe.ts';
import type { JobModel, SourceTensor, TensorJob } from '../stream/job.ts';
import { planTokenizer, type TokenizerPlan } from '../tokenizer/plan-tokenizer.ts';
import { codeFiles } from './code-files.ts';
import { idleFilterWarnings } from './idle-filters.ts';
import type { MergePlan } from './merge-plan.ts';
import { mergedConfig } from './merged-config.ts';
import { requireOneArchitecture } from './one-architecture.ts';
import { layOutFiles } from './output-layout.ts';
import { type ParameterLevel, requireKnownParameters, resolveParameters } from './resolve-parameters.ts';
import { sentenceFiles } from './sentence-files.ts';
import type { SourceModel } from './source-model.ts';
import { isVocabularyTable, outsideGroup } from './tensor-place.ts';
import {
  type OpenedSlice,
  type OpenedSource,
  openSlices,
  type TensorSources,
  tensorSources,
} from './tensor-sources.ts';

export interface PlanOptions {
  /** The methods that a recipe may name. */
  readonly methods: readonly AnyMergeMethod[];
  /** Most bytes of tensors per file; default 5 GB, as in transformers. */
  readonly shardBytes?: number;
}

/**
 * @param models by the text of their references
 * @throws UsageError for what the recipe gets wrong, InputError for models that do not go together
 */
export async function makePlan(
  recipe: MergeRecipe,
  models: ReadonlyMap<string, SourceModel>,
  { methods, shardBytes = 5e9 }: PlanOptions,
): Promise<MergePlan> {
  const method = findMethod(recipe, methods);
  const warnings = [...requireKnownParameters(recipe, method, methods)];
  for (const { warnings: odd } of new Set(models.values())) warnings.push(...odd);
  const usesBase = method.base !== 'none';
  const slices = openSlices(recipe, models, usesBase);
  for (const slice of slices) requireRoles(recipe, method, slice);
  warnings.push(...requireOneArchitecture(slices[0].lead, uniqueSources(slices)));
  const tokenizer = await planTokenizer(recipe, slices);
  const sentences = await sentenceFiles(slices[0].lead, uniqueSources(slices));
  const code = await codeFiles(slices[0].lead, tokenizer.owner);
  warnings.push(...tokenizer.warnings, ...sentences.warnings, ...code.warnings);
  const tensors = tensorSources(slices);
  warnings.push(...idleFilterWarnings(recipe, method, tensors));
  const drafts = tensors.map((tensor) => draftJob(recipe, method, tensor, tokenizer, warnings));
  const layout = layOutFiles(
    drafts.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    shardBytes,
  );
  const jobs = drafts.map(
    ({ dtype, ...job }): TensorJob => ({ ...job, output: { ...layout.places.get(job.name)!, dtype } }),
  );
  const config = { ...mergedConfig(slices, jobs, tokenizer), ...code.config };
  return {
    method,
    methods: new Map([...methods, passthrough].map((one) => [one.name, one])),
    jobs,
    layout,
    config,
    companions: new Map([...tokenizer.companions, ...sentences.companions, ...code.companions]),
    models: uniqueSources(slices).map(({ model, opened, isBase }) => ({
      reference: model.text,
      folder: opened.folder,
      isBase: usesBase && isBase,
    })),
    warnings: [...new Set(warnings)],
    inputs: new Map(uniqueSources(slices).flatMap(({ opened }) => [...opened.files])),
    recipe: recipe.document,
  };
}

function findMethod(recipe: MergeRecipe, methods: readonly AnyMergeMethod[]): AnyMergeMethod {
  const method = methods.find(({ name }) => name === recipe.method);
  if (!method) {
    const names = methods.map(({ name }) => name);
    throw new UsageError({
      field: recipe.at(['merge_method']),
      found: JSON.stringify(recipe.method),
      expected: `one of ${names.join(', ')}`,
      fix: didYouMean(recipe.method, names),
    });
  }
  if (recipe.compat === 'paper' && method.paper === undefined) {
    throw new UsageError({
      field: recipe.at(['compat']),
      found: 'paper',
      expected: `mergekit, as ${method.name} is the same for both`,
      fix: 'Leave the field out.',
    });
  }
  return method;
}

function requireRoles(recipe: MergeRecipe, method: AnyMergeMethod, { slice, sources }: OpenedSlice): void {
  const usesBase = method.base !== 'none';
  const hasBase = usesBase && sources.some(({ isBase }) => isBase);
  if (method.base === 'required' && !hasBase) {
    const listed = recipe.base === undefined ? 'no base_model' : `a slice without ${recipe.base.text}`;
    throw new UsageError({
      field: recipe.at(recipe.base === undefined ? [] : slice.path),
      found: listed,
      expected: `${method.name} needs a base among the models`,
      fix: recipe.base === undefined ? 'Add base_model.' : 'Add the base to the sources of the slice.',
    });
  }
  const count = sources.length - (hasBase ? 1 : 0);
  const [least, most] = method.models;
  if (count >= least && count <= most) return;
  const range =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  throw new UsageError({
    field: recipe.at(slice.path),
    found: `${count} models${hasBase ? ' beside the base' : ''}`,
    expected: `${range}${usesBase ? ' beside the base' : ''} for ${method.name}`,
    fix: 'Change the list of models, or the method.',
  });
}

function uniqueSources(slices: readonly OpenedSlice[]): readonly OpenedSource[] {
  const byText = new Map(slices.flatMap(({ sources }) => sources).map((source) => [source.model.text, source]));
  return [...byText.values()];
}

type Draft = Omit<TensorJob, 'output'> & { readonly dtype: ElementType };

function draftJob(
  recipe: MergeRecipe,
  method: AnyMergeMethod,
  tensor: TensorSources,
  tokenizer: TokenizerPlan,
  warnings: string[],
): Draft {
  const control = tensor.isOutside ? recipe.outside[outsideGroup(tensor.name)] : undefined;
  const chosen = control?.source === undefined ? undefined : sourceAt(tensor, control.source, recipe);
  const usesBase = method.base !== 'none';
  const used = chosen ? [chosen] : tensor.sources;
  const base = chosen || !usesBase ? undefined : used.find(({ source }) => source.isBase);
  const tensors = alignShapes(tensor.name, used, base, tokenizer, warnings);
  const levels = (own: readonly ParameterLevel[]): readonly ParameterLevel[] => {
    const place = { name: tensor.name, t: tensor.t };
    return [
      ...(control ? [{ holder: control, place }] : []),
      ...own,
      ...[tensor.slice, ...recipe.parameters].map((holder) => ({ holder, place })),
    ];
  };
  const applied = chosen ? passthrough : method;
  const job = (index: number): JobModel => {
    const { source, name } = used[index];
    const owner = `${recipe.at(source.path)}, ${source.model.text}`;
    const options = { at: recipe.at, owner, isBase: used[index] === base };
    const specs = chosen ? {} : method.perModel;
    return {
      id: source.model.text,
      tensor: tensors[index],
      parameters: {
        ...(chosen && { scale: 1 }),
        ...resolveParameters(specs, levels([{ holder: source, place: { name, t: tensor.t } }]), options),
      },
    };
  };
  const all = used.map((_, index) => job(index));
  const models = numbered(all.filter((_, index) => used[index] !== base));
  const whole = { at: recipe.at, owner: recipe.source };
  const settings = chosen ? {} : resolveParameters(method.settings, levels([]), whole);
  const values = models.map(({ parameters }) => parameters);
  applied.check?.(values, settings, `${recipe.source}, tensor ${tensor.name}`);
  warnings.push(...(applied.cautions?.(values, settings) ?? []));
  return {
    name: tensor.name,
    shape: tensors[0].shape,
    dtype: outputType(recipe, tensor.name, tensors, base && tensors[used.indexOf(base)]),
    method: applied.name,
    settings,
    ...(base && { base: all[used.indexOf(base)] }),
    models,
    seed: recipe.seed,
    compat: recipe.compat,
  };
}

function sourceAt(tensor: TensorSources, position: number, recipe: MergeRecipe): TensorSources['sources'][number] {
  const found = tensor.sources[position];
  if (found) return found;
  throw new UsageError({
    field: recipe.at([outsideGroup(tensor.name), 'source']),
    found: String(position),
    expected: `a source from 0 to ${tensor.sources.length - 1}`,
    fix: 'Count the models of the recipe from 0; a base that is not listed comes last.',
  });
}

/** The same model twice draws twice: its second place gets a name of its own. */
function numbered(models: readonly JobModel[]): readonly JobModel[] {
  const seen = new Map<string, number>();
  return models.map((model) => {
    const count = (seen.get(model.id) ?? 0) + 1;
    seen.set(model.id, count);
    return count === 1 ? model : { ...model, id: `${model.id}#${count}` };
  });
}

/** Tables of tokens are brought to one order of rows, or cut to the rows that they share; all else has one shape already. */
function alignShapes(
  name: string,
  used: TensorSources['sources'],
  base: TensorSources['sources'][number] | undefined,
  tokenizer: TokenizerPlan,
  warnings: string[],
): readonly SourceTensor[] {
  const stored = used.map(({ source, name: sourceName }) => source.opened.find(sourceName)!);
  if (isVocabularyTable(name) && tokenizer.align) {
    const align = tokenizer.align;
    return used.map(({ source }, index) => align(source, name, stored[index]));
  }
  const shapes = stored.map(({ shape }) => shape);
  const wanted = base ? shapes[used.indexOf(base)] : shapes[0];
  if (shapes.every((shape) => `${shape}` === `${wanted}`)) return stored;
  const isTable =
    isVocabularyTable(name) && shapes.every(({ length, 1: columns }) => length === 2 && columns === wanted[1]);
  const rows = base ? wanted[0] : Math.min(...shapes.map(([count]) => count));
  const odd = shapes.findIndex((shape) => (isTable ? shape[0] < rows : `${shape}` !== `${wanted}`));
  if (odd >= 0) {
    throw new InputError({
      field: `model ${used[odd].source.model.text}, tensor ${JSON.stringify(used[odd].name)}`,
      found: `shape [${shapes[odd]}]`,
      expected: `[${wanted}]${isTable ? ' or more rows' : ''}, as in ${(base ?? used[0]).source.model.text}`,
      fix: isTable
        ? 'Add a tokenizer section, such as tokenizer: {source: union}.'
        : 'Merge models of one architecture and size.',
    });
  }
  warnings.push(
    `${name}: tables of ${[...new Set(shapes.map(([count]) => count))].join(' and ')} rows are cut to ${rows}.`,
  );
  return stored.map(
    (of): SourceTensor => (of.shape[0] === rows ? of : { kind: 'block', of, shape: [rows, of.shape[1]] }),
  );
}

/** @throws InputError for element types that cannot be merged */
function outputType(
  recipe: MergeRecipe,
  name: string,
  tensors: readonly SourceTensor[],
  base: SourceTensor | undefined,
): ElementType {
  const types = [...new Set(tensors.flatMap(storedTypes))];
  if (!types.every(isFloatType)) {
    if (types.length === 1 && tensors.every(({ kind }) => kind === 'stored')) return types[0];
    throw new InputError({
      field: `tensor ${JSON.stringify(name)}`,
      found: `element types ${types.join(' and ')}`,
      expected: 'one type, or float types only',
      fix: 'Convert the models to one type first.',
    });
  }
  const chosen = recipe.outDtype ?? recipe.dtype;
  if (chosen) return chosen;
  const leading = base ? [...new Set(storedTypes(base))] : types;
  const [first] = leading;
  return leading.length === 1 && byteWidth(first) < 8 ? (first as StorageType) : 'f32';
}

function storedTypes(tensor: SourceTensor): readonly ElementType[] {
  switch (tensor.kind) {
    case 'given':
    case 'product':
      return ['f32'];
    case 'stored':
      return [tensor.dtype];
    case 'adapted':
      return [tensor.weight.dtype];
    case 'block':
      return storedTypes(tensor.of);
    case 'gathered':
      return tensor.sources.flatMap(storedTypes);
  }
}

/** Bytes that a merge reads in one pass over its inputs. */
export function inputBytes(plan: Pick<MergePlan, 'jobs'>): number {
  const sizeOf = (tensor: SourceTensor): number => elementCount(tensor.shape)! * byteWidth(storedTypes(tensor)[0]);
  return plan.jobs
    .flatMap(({ base, models }) => [...(base ? [base] : []), ...models])
    .reduce((sum, { tensor }) => sum + sizeOf(tensor), 0);
}
