/**
 * What merging an adapter into a model takes of memory: from file to file, and in memory, over a generated model, to a folder
 * and to a GGUF file. Each measurement is a process of its own; one Markdown table on stdout. Fails where two that should not
 * differ do in a byte, or where a merge from file to file takes more beside the program than the adapter twice and three times
 * the largest tensor.
 *
 *   node --import tsx bench/merge-adapter.ts [--config 135m] [--method lora|rslora|dora]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { hashFile } from '../src/files/hash-file.ts';

interface Measurement {
  readonly before_rss_bytes: number;
  readonly peak_rss_bytes: number;
  readonly model_bytes: number;
  readonly largest_tensor_bytes: number;
  readonly seconds: number;
  readonly cpu_seconds: number;
}

const { values } = parseArgs({
  options: { config: { type: 'string', default: '135m' }, method: { type: 'string', default: 'lora' } },
});
const folder = await mkdtemp(join(tmpdir(), 'finery-merge-adapter-'));

async function measure(task: string): Promise<Measurement> {
  const script = fileURLToPath(new URL('merge-adapter/measure.ts', import.meta.url));
  const flags = ['--config', values.config, '--method', values.method];
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, task, folder, ...flags]);
  return JSON.parse(stdout) as Measurement;
}

try {
  await measure('make');
  const ways = {
    stream: await measure('stream'),
    memory: await measure('memory'),
    'gguf-stream': await measure('gguf-stream'),
    'gguf-memory': await measure('gguf-memory'),
  };
  const { stream } = ways;
  const adapter = (await stat(join(folder, 'adapter', 'adapter_model.safetensors'))).size;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  const row = (
    name: string,
    { peak_rss_bytes: peak, before_rss_bytes: before, seconds, cpu_seconds: cpu }: Measurement,
  ) => `| ${name} | ${megabytes(peak)} | ${megabytes(peak - before)} | ${seconds} | ${cpu} |`;
  process.stdout.write(
    [
      `${values.config}, ${values.method}: model ${megabytes(stream.model_bytes)} in float32, largest tensor ${megabytes(stream.largest_tensor_bytes)}, adapter ${megabytes(adapter)}`,
      '',
      '| merge | peak memory | beside the program | seconds | CPU seconds |',
      '| --- | ---: | ---: | ---: | ---: |',
      row('file to file', stream),
      row('in memory', ways.memory),
      row('file to GGUF file', ways['gguf-stream']),
      row('in memory, to GGUF', ways['gguf-memory']),
      '',
    ].join('\n'),
  );
  const hashOf = (name: string) => hashFile(join(folder, name));
  for (const [one, other] of [
    ['stream/model.safetensors', 'memory/model.safetensors'],
    ['gguf-stream/model.gguf', 'gguf-memory/model.gguf'],
  ]) {
    if ((await hashOf(one)) !== (await hashOf(other))) throw new Error(`${one} and ${other} differ`);
  }
  for (const [name, { peak_rss_bytes: peak, before_rss_bytes: before }] of Object.entries(ways)) {
    const allowed = 2 * adapter + 3 * stream.largest_tensor_bytes;
    if (name.endsWith('stream') && peak - before > allowed) {
      throw new Error(`${name} took ${peak - before} bytes, more than ${allowed}`);
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
