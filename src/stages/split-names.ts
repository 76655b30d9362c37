/** The split of a recipe's set into what is trained on and what is held out, by the names of its documents. */
import { basename } from 'node:path';
import { type HoldOut, holdOut } from '../data/hold-out.ts';
import type { DocumentName } from '../data/token-shard.ts';

export interface HeldOutRule {
  readonly share: number;
  /** What goes to one side as a whole: a document, a file, or the documents that agree in a field. */
  readonly group: 'document' | 'file' | { readonly field: string };
  /** Seed of the split alone, so that runs with different seeds hold out the same documents. */
  readonly seed: number;
}

/** @throws as `holdOut` */
export function splitNames(names: readonly DocumentName[], { share, seed, group }: HeldOutRule): HoldOut {
  return holdOut(names.length, { share, seed, group: (i) => groupName(names[i], group === 'file') });
}

/** The field that says a document's group, where one does. */
export const groupField = ({ group }: HeldOutRule): string | undefined =>
  typeof group === 'object' ? group.field : undefined;

/** By the file's own name, not its folder: the split is the same wherever the data lies. */
function groupName({ id, source, group }: DocumentName, byFile: boolean): string {
  const file = basename(source);
  if (group !== undefined) return `${file}\ngroup ${group}`;
  return byFile ? file : `${file}\n${id.startsWith(source) ? id.slice(source.length) : id}`;
}
