/** What is compared with the base: a model with weights of its own, or a LoRA folder of PEFT as what it adds to the base's. */
import { join } from 'node:path';
import { configFile } from '../../adapters/peft/adapter-config.ts';
import { type Checkpoint, openCheckpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';
import { exists } from '../../files/temporary-name.ts';
import { openAdapterSource } from '../plan/adapter-source.ts';
import { storedTensors } from '../plan/source-model.ts';
import { FileTable } from '../stream/file-table.ts';
import { type Operand, openUpdate } from '../stream/operand.ts';
import { Workspace } from '../stream/workspace.ts';
import type { DeltaSource } from './delta-blocks.ts';

export interface DiffedSource extends DeltaSource, Pick<Checkpoint, 'config' | 'tensors' | 'close'> {}

/** @throws InputError for a folder that is neither, or an adapter of another base */
export async function openDiffed(folder: string, base: Checkpoint): Promise<DiffedSource> {
  const isAdapter = (await exists(join(folder, configFile))) && !(await exists(join(folder, 'config.json')));
  return isAdapter ? openAdapter(folder, base) : openCheckpoint(folder);
}

/** s B A, row by row as they are asked for: exact to float32, where W + s B A less W would have lost most of its digits. */
async function openAdapter(folder: string, base: Checkpoint): Promise<DiffedSource> {
  const { requireTargets, apply } = await openAdapterSource(folder);
  const stored = storedTensors(base);
  requireTargets(stored);
  const files = new FileTable();
  const workspace = new Workspace();
  let current: { readonly name: string; readonly update: Operand; readonly block: Float32Array } | undefined;

  function openUpdateOf(name: string, capacity: number): typeof current {
    const tensor = apply(name, stored.get(name)!);
    if (tensor.kind === 'stored') return undefined;
    if (current?.name === name && current.block.length >= capacity) return current;
    workspace.reset();
    current = {
      name,
      update: openUpdate(tensor, { files, workspace, capacity }),
      block: workspace.floats(capacity),
    };
    return current;
  }

  return {
    folder,
    adds: true,
    config: base.config,
    tensors: base.tensors,
    async readRange(name, start, count) {
      const opened = openUpdateOf(name, count);
      if (!opened) return new Float32Array(count);
      const block = opened.block.subarray(0, count);
      opened.update.read(start, block);
      return block.slice();
    },
    close: async () => files.close(),
  };
}
