/** Task files with what they include: as plain values, and with where each field was written. */
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { isJsonObject } from '../../files/json-file.ts';
import { readYamlFile } from '../../yaml/read-yaml-file.ts';
import { parseYaml } from '../../yaml/yaml-text.ts';

export interface TaskFile {
  readonly document: Readonly<Record<string, unknown>>;
  /** Absolute folder of the file that a field was written in: relative paths in it start there. */
  folderOf(field: string): string;
  /** File, line and name of a field, for messages. */
  place(path: readonly (string | number)[]): string;
}

interface Origin {
  readonly folder: string;
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

const MAX_INCLUDES = 32;
const TAGS = { '!function': (name: string) => ({ function: name }) };

/**
 * Reads a task file. What it includes lies in its own folder or below it; its own fields win over those included, and
 * later includes over earlier ones, field by field as upstream has it.
 * @throws UsageError naming file and line.
 */
export async function readTaskFile(path: string): Promise<TaskFile> {
  const fields = new Map<string, { readonly value: unknown; readonly origin: Origin }>();
  let included = 0;

  async function read(file: string, above: readonly string[]): Promise<void> {
    const source = resolve(file);
    if (above.includes(source)) {
      throw new UsageError({
        field: file,
        found: `an include that leads back to itself (${above.length} files)`,
        expected: 'includes without a circle',
        fix: 'Remove one of them.',
      });
    }
    if (++included > MAX_INCLUDES) {
      const found = `more than ${MAX_INCLUDES} files included`;
      throw new UsageError({ field: path, found, expected: 'fewer', fix: 'Include one file that has it all.' });
    }
    const yaml = parseYaml(
      await readYamlFile(file, 'a task', 'finery eval tasks lists those that come with Finery.'),
      file,
      {
        tags: TAGS,
      },
    );
    const origin: Origin = { folder: dirname(source), file, lineOf: yaml.lineOf };
    if (!isJsonObject(yaml.value)) {
      const found = Array.isArray(yaml.value) ? 'a list' : 'no fields';
      throw new UsageError({ field: file, found, expected: 'fields with values', fix: 'Begin with "task: name".' });
    }
    const { include, ...own } = yaml.value;
    for (const name of includesOf(include, origin)) {
      await read(await containedPath(origin.folder, name), [...above, source]);
    }
    for (const [field, value] of Object.entries(own)) fields.set(field, { value, origin });
  }

  await read(path, []);
  return {
    document: Object.fromEntries(Array.from(fields, ([field, { value }]) => [field, value])),
    folderOf: (field) => fields.get(field)?.origin.folder ?? dirname(resolve(path)),
    place: (at) => {
      const origin = fields.get(String(at[0]))?.origin;
      const where = origin === undefined ? path : `${origin.file}, line ${origin.lineOf(at)}`;
      return at.length === 0 ? where : `${where}: ${at.join('.')}`;
    },
  };
}

function includesOf(include: unknown, { file, lineOf }: Origin): readonly string[] {
  const names = include === undefined ? [] : Array.isArray(include) ? include : [include];
  const isName = (name: unknown): name is string => typeof name === 'string';
  if (names.every(isName)) return names;
  throw new UsageError({
    field: `${file}, line ${lineOf(['include'])}: include`,
    found: JSON.stringify(include),
    expected: 'a file name, or a list of them',
    fix: 'Name files of the same folder.',
  });
}
