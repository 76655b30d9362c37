/**
 * Opens a Hugging Face model folder: `config.json` beside `model.safetensors`, or beside shards with their index.
 * Opening reads the headers of all shards and checks them against the index; weights are read when asked for.
 */
import { stat } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { needsFolder } from '../gguf/needs-folder.ts';
import type { TensorEntry } from '../safetensors/header.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors/read.ts';
import { areEqualTensors } from './equal-tensors.ts';
import { linkBoundary } from './link-boundary.ts';
import { refusePickles } from './refuse-pickles.ts';
import { indexFileName, readShardIndex, singleFileName } from './shard-index.ts';

export interface Checkpoint {
  readonly folder: string;
  /** The content of `config.json`, not validated beyond being an object. */
  readonly config: JsonObject;
  /** By Hugging Face name. `begin` and `end` are offsets in the tensor's own shard. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** What is odd about the folder but does not change what its weights are. */
  readonly warnings: readonly string[];
  /** As in `SafetensorsFile`: reads and converts to float32; many tensors at once keep several reads in flight. */
  readInto(name: string, target: Float32Array): Promise<void>;
  readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>): Promise<void>;
  readRange(name: string, start: number, count: number): Promise<Float32Array>;
  readBytes(name: string, start: number, length: number): Promise<Uint8Array>;
  /** Whether two tensors have the same shape and the same bits; a piece of each is read at a time. */
  areEqual(first: string, second: string): Promise<boolean>;
  /** The file that holds a tensor, and the byte of it at which the tensor begins. */
  locate(name: string): { readonly path: string; readonly position: number };
  close(): Promise<void>;
}

/**
 * A total size in the index that is not that of the tensors, and tensors that the index does not list (they are left out),
 * are warnings: published checkpoints have both.
 * @throws InputError for a missing file, a shard name that leaves the folder, a tensor that its shard lacks or that is in
 * two shards. Close it after use.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  await requireFolder(folder);
  const boundary = linkBoundary(folder);
  const find = (name: string): Promise<string> => containedPath(folder, name, { boundary });
  const configFile = await find('config.json');
  if (!(await isThere(configFile)) && (await isThere(await find('adapter_config.json')))) throw adapterAlone(folder);
  const config = await readJsonObject(configFile);
  const single = await find(singleFileName);
  const weights = (await isThere(single))
    ? await openSingle(single)
    : await openShards(folder, await find(indexFileName), find);
  return createCheckpoint(folder, config, weights);
}

/** @throws InputError for a file, such as one of GGUF, whose weights other readers take */
async function requireFolder(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  const expected = 'a Hugging Face folder';
  if (path.endsWith('.gguf')) throw needsFolder(path, expected);
  const fix = 'Name the folder that has config.json and the weights.';
  throw new InputError({ field: path, found: 'a file', expected, fix });
}

const adapterAlone = (folder: string): InputError =>
  new InputError({
    field: folder,
    found: 'an adapter of PEFT (adapter_config.json) without its model',
    expected: 'a whole model, with config.json',
    fix: 'Merge it into the model that it was trained over: finery export MODEL --adapter FOLDER --out MERGED.',
  });

interface Weights {
  readonly shards: readonly SafetensorsFile[];
  readonly shardOf: ReadonlyMap<string, SafetensorsFile>;
  readonly warnings: readonly string[];
}

async function openSingle(path: string): Promise<Weights> {
  const file = await openSafetensors(path);
  return { shards: [file], shardOf: new Map([...file.tensors.keys()].map((name) => [name, file])), warnings: [] };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function openShards(
  folder: string,
  indexPath: string,
  find: (name: string) => Promise<string>,
): Promise<Weights> {
  if (!(await isThere(indexPath))) {
    await refusePickles(folder);
    throw new InputError({
      field: folder,
      found: `neither ${singleFileName} nor ${indexFileName}`,
      expected: 'weights in safetensors format',
      fix: 'Name the folder that has the weights, or get the model again.',
    });
  }
  const { weightMap, totalSize } = await readShardIndex(indexPath);
  const opened = new Map<string, SafetensorsFile>();
  try {
    for (const name of new Set(weightMap.values())) opened.set(name, await openSafetensors(await find(name)));
    const shardOf = new Map([...weightMap].map(([tensor, name]) => [tensor, opened.get(name)!]));
    const warnings = compareWithShards(indexPath, weightMap, opened);
    const bytes = [...shardOf].reduce((sum, [tensor, { tensors }]) => sum + sizeOf(tensors.get(tensor)!), 0);
    if (totalSize !== undefined && totalSize !== bytes) {
      warnings.push(`${indexPath}: metadata.total_size is ${totalSize}, the tensors have ${bytes} bytes.`);
    }
    return { shards: [...opened.values()], shardOf, warnings };
  } catch (error) {
    await closeAll(opened.values());
    throw error;
  }
}

function sizeOf({ begin, end }: TensorEntry): number {
  return end - begin;
}

/** @returns warnings about tensors that the index does not list */
function compareWithShards(
  indexPath: string,
  weightMap: ReadonlyMap<string, string>,
  opened: ReadonlyMap<string, SafetensorsFile>,
): string[] {
  const fix = 'Index and shards are not of one checkpoint: download both again.';
  for (const [tensor, name] of weightMap) {
    if (opened.get(name)!.tensors.has(tensor)) continue;
    const field = `${indexPath}, tensor ${JSON.stringify(tensor)}`;
    throw new InputError({ field, found: `no such tensor in ${name}`, expected: 'it there', fix });
  }
  const warnings: string[] = [];
  for (const [name, { tensors }] of opened) {
    for (const tensor of tensors.keys()) {
      const listed = weightMap.get(tensor);
      if (listed === undefined)
        warnings.push(`${indexPath}: tensor ${JSON.stringify(tensor)} of ${name} is not listed and left out.`);
      else if (listed !== name) {
        const field = `${indexPath}, tensor ${JSON.stringify(tensor)}`;
        throw new InputError({ field, found: `it in ${name} too`, expected: `it in ${listed} only`, fix });
      }
    }
  }
  return warnings;
}

function createCheckpoint(folder: string, config: JsonObject, { shards, shardOf, warnings }: Weights): Checkpoint {
  function shard(name: string): SafetensorsFile {
    const found = shardOf.get(name);
    if (found) return found;
    throw new InputError({
      field: folder,
      found: `no tensor ${JSON.stringify(name)}`,
      expected: `one of its ${shardOf.size} tensors`,
      fix: 'Use a checkpoint of the architecture that its config.json names.',
    });
  }
  const tensors = new Map([...shardOf].map(([name, file]) => [name, file.tensors.get(name)!]));
  const readRange: Checkpoint['readRange'] = async (name, start, count) => shard(name).readRange(name, start, count);
  const readBytes: Checkpoint['readBytes'] = async (name, start, length) => shard(name).readBytes(name, start, length);
  return {
    folder,
    config,
    warnings,
    tensors,
    readInto: async (name, target) => shard(name).readInto(name, target),
    async readAllInto(targets) {
      const groups = new Map<SafetensorsFile, (readonly [string, Float32Array])[]>();
      for (const [name, target] of targets) {
        const file = shard(name);
        const group = groups.get(file) ?? [];
        groups.set(file, group);
        group.push([name, target]);
      }
      for (const [file, group] of groups) await file.readAllInto(group);
    },
    readRange,
    readBytes,
    areEqual: (first, second) => areEqualTensors({ tensors, readRange, readBytes }, first, second),
    locate(name) {
      const { path, dataStart, tensors } = shard(name);
      return { path, position: dataStart + tensors.get(name)!.begin };
    },
    close: () => closeAll(shards),
  };
}

async function closeAll(shards: Iterable<SafetensorsFile>): Promise<void> {
  for (const shard of shards) await shard.close();
}
