import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { freeze } from '../../src/generate/frozen/freeze.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { randomModel } from './random-model.ts';
import type { Settings } from './settings.ts';

/**
 * What `freeze` takes of a model that is in memory: seconds, and resident bytes above those before, at the greatest and
 * once garbage is collected. On Linux only.
 */
export async function measureFreezing({ config, precision, threads }: Settings): Promise<{
  readonly seconds: number;
  readonly frozen_bytes: number;
  readonly peak_bytes: number;
  readonly kept_bytes: number;
}> {
  const engine = new Engine({ threads });
  const model = randomModel(config);
  // Linux then forgets the greatest resident size so far.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = residentBytes('VmRSS');
  const start = performance.now();
  const frozen = freeze(engine, model, { precision });
  const seconds = (performance.now() - start) / 1000;
  const peak = residentBytes('VmHWM');
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const kept = residentBytes('VmRSS');
  await engine.close();
  return { seconds, frozen_bytes: frozen.bytes, peak_bytes: peak - before, kept_bytes: kept - before };
}

function residentBytes(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
}
