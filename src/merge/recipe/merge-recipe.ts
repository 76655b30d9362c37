/** A merge recipe as the plan reads it: one form for `models` and `slices`, sources by position. */
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import type { Compatibility } from '../method.ts';
import type { ModelReference } from './model-reference.ts';
import type { ValueInput } from './parameter-value.ts';

type ParameterInputs = Readonly<Record<string, ValueInput>>;

/** Keys and indices that lead from the top of the document to a field. */
export type DocumentPath = readonly (string | number)[];

/** A part of the document that may have `parameters`. */
export interface ParameterHolder {
  readonly path: DocumentPath;
  readonly parameters: ParameterInputs;
}

export interface RecipeSource extends ParameterHolder {
  readonly model: ModelReference;
  /** [first, end); undefined stands for all layers. */
  readonly layers?: readonly [number, number];
  /** Whether it is the base. At most one source of a slice is. */
  readonly isBase: boolean;
  /** The recipe has a base and does not list it: methods without a base do without it. */
  readonly isImplied?: true;
}

/** Its path leads to the slice, or to the list of models that it stands for. */
export interface RecipeSlice extends ParameterHolder {
  readonly sources: readonly RecipeSource[];
}

/** The tensors that stand outside the layers. */
export type OutsideGroup = 'embed' | 'lm_head' | 'norm';

interface OutsideControl extends ParameterHolder {
  /** Take the tensor unchanged from the source at this position. */
  readonly source?: number;
}

export type TokenSourceInput =
  | { readonly kind: 'model'; readonly model: ModelReference }
  | { readonly kind: 'token'; readonly model: ModelReference; readonly token?: string; readonly id?: number }
  | { readonly kind: 'zero' };

export interface TokenizerRecipe {
  readonly source: 'union' | 'base' | ModelReference;
  readonly tokens: ReadonlyMap<string, { readonly source?: TokenSourceInput; readonly force: boolean }>;
  readonly padToMultipleOf?: number;
}

export interface MergeRecipe {
  /** For messages: file and, where there are several, the document. */
  readonly source: string;
  readonly name?: string;
  readonly method: string;
  readonly base?: ModelReference;
  readonly slices: readonly RecipeSlice[];
  /** Layers of the output in order, from slices of layers; or every tensor by its own name. */
  readonly form: 'models' | 'slices';
  /** Parameters of the module, where there is one, and those of the recipe, in the order in which they are asked. */
  readonly parameters: readonly ParameterHolder[];
  readonly dtype?: StorageType;
  readonly outDtype?: StorageType;
  readonly tokenizer?: TokenizerRecipe;
  readonly chatTemplate?: string;
  readonly compat: Compatibility;
  readonly seed: number;
  readonly outside: Readonly<Partial<Record<OutsideGroup, OutsideControl>>>;
  /** What the document says, for the record beside the result. */
  readonly document: unknown;
  /** `file, line 12, path.to.field`. */
  at(path: DocumentPath): string;
  /** The place that names a model or an adapter first. */
  placeOfModel(name: string): string;
}
