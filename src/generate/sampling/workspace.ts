/**
 * The arrays that sampling works in. A choice is made in one go, without waiting for anything, so one workspace serves all
 * sequences, and none is allocated for a token. About 40 bytes per token of the vocabulary, kept for each size met.
 */
import { Candidates } from './candidates.ts';
import { LogitsRow } from './logits-row.ts';

export interface Workspace {
  /** Views what the model gave. */
  readonly model: LogitsRow;
  /** A copy to which masks, bias and penalties are applied. */
  readonly adjusted: LogitsRow;
  readonly candidates: Candidates;
}

const workspaces = new Map<number, Workspace>();

export function workspaceOf(vocabulary: number): Workspace {
  let workspace = workspaces.get(vocabulary);
  if (!workspace) {
    workspace = {
      model: new LogitsRow(vocabulary),
      adjusted: new LogitsRow(vocabulary),
      candidates: new Candidates(vocabulary),
    };
    workspaces.set(vocabulary, workspace);
  }
  return workspace;
}
