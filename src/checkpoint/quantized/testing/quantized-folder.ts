/** Folders whose tensors are given as bytes, of any type. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../files/json-file.ts';
import { fromSafetensorsName } from '../../../tensor/element-type.ts';
import { formatHeader, type TensorEntry } from '../../safetensors/header.ts';

export interface RawTensor {
  /** As safetensors calls it: `F8_E4M3`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export async function writeQuantizedFolder(
  folder: string,
  config: JsonObject,
  raw: Readonly<Record<string, RawTensor>>,
): Promise<void> {
  let end = 0;
  const tensors = Object.entries(raw).map(([name, { dtype, shape, data }]): [string, TensorEntry] => {
    const begin = end;
    end += data.length;
    return [name, { dtype: fromSafetensorsName(dtype)!, shape, begin, end }];
  });
  const header = formatHeader({ tensors: new Map(tensors), metadata: new Map() });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'model.safetensors'),
    Buffer.concat([header, ...Object.values(raw).map(({ data }) => data)]),
  );
}
