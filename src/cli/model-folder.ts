/** MODEL of a command: what the person named, fetched from the hub where it is not on this machine. */
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import type { Terminal } from './terminal.ts';

const hubIds = 'hub id such as Qwen/Qwen2.5-0.5B or owner/name@revision';

/** How help describes it. */
export const modelArgument = `Hugging Face folder, .gguf file, or ${hubIds}`;

/** The same where tensors are copied as a folder has them. */
export const folderArgument = `Hugging Face folder, or ${hubIds}`;

/** How help describes an adapter. */
export const adapterOption = [
  '--adapter <name>',
  'a LoRA or DoRA adapter to merge into the model: folder of PEFT, or hub id',
] as const;

/** The folder of an adapter, fetched like a model; undefined where none is named. @throws as `modelFolder` */
export const adapterFolder = async (name: string | undefined, terminal: Terminal): Promise<string | undefined> =>
  name === undefined ? undefined : modelFolder(name, terminal);

/** @throws UsageError or InputError for a model that cannot be had */
export async function modelFolder(name: string, terminal: Terminal): Promise<string> {
  const progress = terminal.progressLine();
  try {
    return await resolveModel(name, {
      signal: terminal.signal,
      onProgress: ({ done, total }) => progress.update({ stage: `fetch ${name}`, step: done, total, unit: 'bytes' }),
      onWarning: (warning) => terminal.warn(warning),
    });
  } finally {
    progress.done();
  }
}
