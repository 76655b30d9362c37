/** Which reader a file's name asks for. A new format is a new entry. */

import { csvReader } from './csv.ts';
import type { DataRecord, FileContext } from './document.ts';
import { readJsonFile } from './json-array.ts';
import { readJsonLines } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import { readText } from './text.ts';

export type FormatReader = (context: FileContext) => AsyncGenerator<DataRecord>;

/** By ending. All but Parquet, which packs its own pages, may be followed by `.gz`. */
const FORMATS: ReadonlyMap<string, FormatReader> = new Map([
  ['.jsonl', readJsonLines],
  ['.ndjson', readJsonLines],
  ['.json', readJsonFile],
  ['.txt', readText],
  ['.csv', csvReader(',')],
  ['.tsv', csvReader('\t')],
  ['.parquet', readParquet],
]);

export const FORMAT_ENDINGS: readonly string[] = [...FORMATS.keys()];

export function formatReader(path: string): FormatReader | undefined {
  const lower = path.toLowerCase();
  const packed = lower.endsWith('.gz');
  const ending = /\.[^./\\]+$/.exec(packed ? lower.slice(0, -3) : lower)?.[0];
  if (ending === undefined || (packed && ending === '.parquet')) return undefined;
  return FORMATS.get(ending);
}
