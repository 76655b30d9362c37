/** Everything that is decided before a byte is written. */
import type { JsonObject } from '../../files/json-file.ts';
import type { AnyMergeMethod } from '../method.ts';
import type { TensorJob } from '../stream/job.ts';
import type { FileIdentities } from './file-identity.ts';
import type { OutputLayout } from './output-layout.ts';

export interface MergePlan {
  readonly method: AnyMergeMethod;
  /** Every method that a job names, by name. */
  readonly methods: ReadonlyMap<string, AnyMergeMethod>;
  /** One for each tensor of the result. */
  readonly jobs: readonly TensorJob[];
  readonly layout: OutputLayout;
  /** `config.json` of the result. */
  readonly config: JsonObject;
  /** Further files of the result by their paths in it: their content, or the file that they are copied from. */
  readonly companions: ReadonlyMap<string, Companion>;
  /** The models in the order of the recipe, for people. */
  readonly models: readonly PlannedModel[];
  /** What is odd and does not stop the merge. */
  readonly warnings: readonly string[];
  /** Files of weights that the result depends on, as they were when their headers had been read. */
  readonly inputs: FileIdentities;
  /** The recipe as it was read, for the record beside the result. */
  readonly recipe: unknown;
}

export type Companion = { readonly content: string } | { readonly path: string };

interface PlannedModel {
  readonly reference: string;
  readonly folder: string;
  readonly isBase: boolean;
}
