import { Workspace } from './workspace.ts';

let workspace: Workspace | undefined;

/**
 * The workspace of the thread that asks, emptied: made at the first use and kept, because to reserve memory takes longer than
 * to merge a small tensor. Whoever takes it has to be done with it before anybody else has a turn.
 */
export function ownWorkspace(): Workspace {
  workspace ??= new Workspace();
  workspace.reset();
  return workspace;
}
