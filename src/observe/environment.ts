/** What a result may depend on beside its recipe: versions and the machine, without anything that tells whose it is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';

interface Versions {
  readonly finery: string;
  readonly node: string;
  readonly onnxruntime: string;
}

interface Machine {
  readonly platform: string;
  readonly architecture: string;
  readonly processor: string;
  /** Threads that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface Environment {
  readonly versions: Versions;
  readonly machine: Machine;
}

export function describeEnvironment(): Environment {
  const require = createRequire(import.meta.url);
  return {
    versions: {
      finery: packageVersion(new URL('../../package.json', import.meta.url)),
      node: process.versions.node,
      onnxruntime: packageVersion(require.resolve('onnxruntime-node/package.json')),
    },
    machine: {
      platform: `${os.type()} ${os.release()}`,
      architecture: os.arch(),
      processor: os.cpus()[0]?.model.trim() || 'unknown',
      cores: os.availableParallelism(),
      memoryBytes: os.totalmem(),
    },
  };
}

function packageVersion(path: string | URL): string {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}
