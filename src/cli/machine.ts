/** What the machine offers, as far as it can be told without computing anything. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { totalMemory } from '../kernels/total-memory.ts';

export interface Machine {
  readonly platform: string;
  readonly processor: string;
  /** What this process may use, in cores. */
  readonly cores: number;
  /** Vector instructions that matter to matrix products; empty where the system does not tell. */
  readonly vectorInstructions: readonly string[];
  /** Bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  /** Bytes free on the disk of the working directory. */
  readonly freeDisk: number;
  readonly node: string;
  readonly hub: HubSettings;
}

/** The hub's cache and settings, which are those of Hugging Face's own programs. */
interface HubSettings {
  readonly cache: string;
  /** Models in the cache. */
  readonly models: number;
  readonly offline: boolean;
  readonly token: boolean;
  readonly endpoint: string;
}

const known = /^(avx|avx2|fma|f16c|avx512f|avx512_bf16|avx512_vnni|avx_vnni|amx_tile|asimd|asimddp|bf16|i8mm|sve)$/;

export async function inspectMachine(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Machine> {
  const { bavail, bsize } = await statfs('.');
  return {
    platform: `${process.platform} ${process.arch}`,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    vectorInstructions: await vectorInstructions(),
    memory: { total: totalMemory(), available: process.availableMemory() },
    freeDisk: bavail * bsize,
    node: process.versions.node,
    hub: await inspectHub(env),
  };
}

async function vectorInstructions(): Promise<string[]> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
  return flags.split(' ').filter((flag) => known.test(flag));
}

async function inspectHub(env: Readonly<Record<string, string | undefined>>): Promise<HubSettings> {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(os.homedir(), '.cache'), 'huggingface');
  const cache = env.HF_HUB_CACHE || join(home, 'hub');
  const entries = await readdir(cache).catch(() => []);
  return {
    cache,
    models: entries.filter((name) => name.startsWith('models--')).length,
    offline: /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE ?? ''),
    token: Boolean(env.HF_TOKEN),
    endpoint: env.HF_ENDPOINT || 'https://huggingface.co',
  };
}
