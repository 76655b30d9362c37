/** Numbers in `config.json` that no model has: each is refused by its name, or what is written of it is sound. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FineryError, UsageError } from '../../src/errors.ts';
import { type ExportSource, openExportSource } from '../../src/export/export-source.ts';
import { saveGguf } from '../../src/export/save-gguf.ts';
import { saveOnnx } from '../../src/export/save-onnx.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import {
  architectures,
  describeEncoder,
  describeEncoderDecoder,
  describeModel,
  encoderArchitectures,
  encoderDecoderArchitectures,
} from '../../src/models/registry.ts';

const golden = new URL('../golden/', import.meta.url).pathname;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-configs-'));
});
afterAll(() => rm(root, { recursive: true }));

const describers = { decoder: describeModel, encoder: describeEncoder, 'encoder-decoder': describeEncoderDecoder };
const known = { ...architectures, ...encoderArchitectures, ...encoderDecoderArchitectures };

const readConfig = (folder: string): JsonObject => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** A checkpoint of each architecture that has one. */
const folders = new Map(
  ['decoders', 'encoders', 'encoder-decoders']
    .flatMap((kind) => readdirSync(join(golden, kind)).map((name) => join(golden, kind, name)))
    .map((folder) => [String(readConfig(folder).model_type), folder] as const),
);

const hostile = [-5, -1, 0, 1.5, 1e-320, 2 ** 40, 1e300];

const scalings = [
  { rope_type: 'linear', factor: 1e-320 },
  { rope_type: 'linear', factor: 1e300 },
  { rope_type: 'dynamic', factor: 1e300 },
  { rope_type: 'yarn', factor: 2, attention_factor: 1e300 },
  { rope_type: 'yarn', factor: 2, beta_fast: 1e-320, original_max_position_embeddings: 2 ** 40 },
  { rope_type: 'llama3', factor: 1e-320, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8 },
  { rope_type: 'default', rope_theta: 1e-320 },
];

/** Each with one field changed. */
function changes(config: JsonObject): readonly (readonly [field: string, config: JsonObject])[] {
  const fields = known[String(config.model_type)].absentFields({});
  return [
    ...fields.flatMap((field) => hostile.map((value) => [field, { ...config, [field]: value }] as const)),
    ...fields
      .filter((field) => field === 'rope_scaling')
      .flatMap((field) => scalings.map((value) => [field, { ...config, [field]: value }] as const)),
  ];
}

/** Numbers that no field of these kinds may have. */
const isBounded = (field: string, value: unknown): boolean =>
  (/(_eps|_epsilon|_theta|_freq|_base|_range|_scalar|_softcapping|_token_id|n_positions)$/.test(field) &&
    [-5, 1e-320, 1e300].some((one) => one === value)) ||
  (/^(?!pooler).*(_token_id|n_positions|_size|_dim|_heads)$/.test(field) && value === 2 ** 40);

/** The error of what is refused. @throws Error saying what ended in a fault of ours */
async function refusalOf(what: string, work: () => unknown): Promise<FineryError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof FineryError) return error;
    throw new Error(what, { cause: error });
  }
}

it.each([...folders])('of %s', { timeout: 60_000 }, async (_, folder) => {
  const source = await openExportSource(folder);
  const describe = describers[source.kind];
  const sound = describe(source.config);
  const [file, exported] = [join(root, 'out.gguf'), join(root, 'out')];
  for (const [field, config] of changes(source.config)) {
    const what = JSON.stringify({ [field]: config[field] });
    const told = await refusalOf(what, () => describe(config));
    if (told !== undefined) {
      expect(told, what).toBeInstanceOf(UsageError);
      expect(told.problem.field, what).toMatch(/^config\.json\./);
      continue;
    }
    expect(isBounded(field, config[field]), `${what} was taken`).toBe(false);
    const changed: ExportSource = { ...source, config };
    if ((await refusalOf(what, () => saveGguf(file, changed, { dtype: 'f32' }))) === undefined) {
      await (await openExportSource(file)).close();
    }
    if (!isDeepStrictEqual(describe(config), sound)) {
      await refusalOf(what, () => saveOnnx(exported, changed, { forms: ['fp32'] }));
    }
    await Promise.all([file, exported].map((path) => rm(path, { recursive: true, force: true })));
  }
  await source.close();
});
