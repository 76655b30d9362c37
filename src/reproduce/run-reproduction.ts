/** Runs a reproduction over its seeds. Figures are kept, so giving the same command again goes on where it was. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { lockFolder } from '../files/folder-lock.ts';
import { Engine } from '../runtime/engine.ts';
import type { Lab, Reproduction, ReproductionResult } from './reproduction.ts';

export interface RunReproductionOptions {
  /** Seeds 1 to this number. */
  readonly seeds: number;
  /** Where figures and models are kept between runs. */
  readonly folder: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Work of all seeds. */
  readonly onProgress?: (progress: { readonly part: string; readonly done: number; readonly total: number }) => void;
}

/** @throws UsageError where another process works in the folder; what `signal` gives as its reason */
export async function runReproduction<Evidence>(
  reproduction: Reproduction<Evidence>,
  { seeds: count, folder: root, threads, signal, onProgress }: RunReproductionOptions,
): Promise<ReproductionResult> {
  const { name, version, workPerSeed } = reproduction;
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  const place = join(root, `${name}-${version}`);
  await mkdir(place, { recursive: true });
  const lock = await lockFolder(place);
  const engine = new Engine({ threads });
  try {
    const evidence: Evidence[] = [];
    for (const [index, seed] of seeds.entries()) {
      const folder = join(place, `seed-${seed}`);
      await mkdir(folder, { recursive: true });
      let done = index * workPerSeed;
      const lab: Lab = {
        engine,
        seed,
        folder,
        signal,
        advance(part, work) {
          signal?.throwIfAborted();
          done = Math.min(done + work, (index + 1) * workPerSeed);
          onProgress?.({ part: `seed ${seed}: ${part}`, done, total: count * workPerSeed });
        },
        once: (figures, make) => once(join(folder, `${figures}.json`), make),
      };
      evidence.push(await lab.once('evidence', () => reproduction.measure(lab)));
    }
    return { name, seeds, claims: reproduction.judge(evidence) };
  } finally {
    await engine.close();
    await lock.release();
  }
}

async function once<Figures>(path: string, make: () => Promise<Figures>): Promise<Figures> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as Figures;
  const figures = await make();
  await writeFileAtomically(path, `${JSON.stringify(figures)}\n`);
  return figures;
}
