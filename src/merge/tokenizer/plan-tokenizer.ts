/** The tokenizer of the result, and how the rows of the models' token tables map to its ids. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, UsageError } from '../../errors.ts';
import { type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { formatPlural } from '../../observe/numbers.ts';
import type { Companion } from '../plan/merge-plan.ts';
import type { OpenedSlice, OpenedSource } from '../plan/tensor-sources.ts';
import type { MergeRecipe } from '../recipe/merge-recipe.ts';
import type { AdaptedTensor, GatheredTensor, SourceTensor, StoredTensor } from '../stream/job.ts';
import { chatTemplateOf } from './chat-template.ts';
import { makeRowMaps } from './row-maps.ts';
import { uniteVocabularies } from './union-vocabulary.ts';
import { idCount, readVocabulary, type Vocabulary } from './vocabulary.ts';

export interface TokenizerPlan {
  /** Files beside the weights. */
  readonly companions: ReadonlyMap<string, Companion>;
  /** Rows of the token tables, where the tokenizer decides them. */
  readonly vocabulary?: number;
  /** The source that the tokenizer comes from. */
  readonly owner: OpenedSource;
  /** A model's token table in the order of the result's ids; absent where the tables stay as they are. */
  readonly align?: (source: OpenedSource, name: string, table: StoredTensor | AdaptedTensor) => SourceTensor;
  readonly warnings: readonly string[];
}

/** Everything but weights and configuration that a model folder may hold and a program that loads it may need. */
const carried =
  /^(tokenizer.*\.json|tokenizer\.model|[\w-]+\.tiktoken|special_tokens_map\.json|added_tokens\.json|vocab\.(json|txt)|merges\.txt|chat_template.*\.(jinja|json)|generation_config\.json)$/;

/** Older forms of a vocabulary, which say something else than a `tokenizer.json` that was put together. */
const outdated = /^(tokenizer\.model|[\w-]+\.tiktoken|added_tokens\.json|vocab\.(json|txt)|merges\.txt)$/;

/** @throws UsageError for what the recipe gets wrong, InputError for models whose tokenizers do not go together */
export async function planTokenizer(recipe: MergeRecipe, slices: readonly OpenedSlice[]): Promise<TokenizerPlan> {
  const sources = [
    ...new Map(slices.flatMap((slice) => slice.sources).map((each) => [each.model.text, each])).values(),
  ];
  const { lead } = slices[0];
  const vocabularies = new Map<string, Vocabulary>();
  for (const { model, opened } of sources) {
    const vocabulary = await readVocabulary(opened.folder);
    if (vocabulary) vocabularies.set(model.text, vocabulary);
  }
  const template = await chatTemplateOf(
    recipe,
    sources.map(({ opened }) => opened.folder),
  );
  if (recipe.tokenizer) return rebuilt(recipe, recipe.tokenizer, sources, lead, vocabularies, template);
  return {
    companions: await withTemplate(await companionsOf(lead.opened.folder), template),
    owner: lead,
    warnings: sources.flatMap((source) => disagreements(lead, source, vocabularies)),
  };
}

async function rebuilt(
  recipe: MergeRecipe,
  wanted: NonNullable<MergeRecipe['tokenizer']>,
  sources: readonly OpenedSource[],
  lead: OpenedSource,
  vocabularies: ReadonlyMap<string, Vocabulary>,
  template: string | undefined,
): Promise<TokenizerPlan> {
  const lacking = sources.find(({ model }) => !vocabularies.has(model.text));
  if (lacking) {
    throw new InputError({
      field: `model ${lacking.model.text}`,
      found: 'no tokenizer.json',
      expected: 'the tokenizer of each model, to know what its rows stand for',
      fix: 'Add the tokenizers, or leave the tokenizer out of the recipe.',
    });
  }
  const owner =
    typeof wanted.source === 'string' ? lead : sources.find(({ model }) => model.text === textOf(wanted.source));
  if (!owner) {
    throw new UsageError({
      field: recipe.at(['tokenizer']),
      found: textOf(wanted.source),
      expected: `union, base or one of ${sources.map(({ model }) => model.text).join(', ')}`,
      fix: 'Name a model of the merge.',
    });
  }
  const own = vocabularies.get(owner.model.text)!;
  const others = sources.filter((source) => source !== owner).map(({ model }) => vocabularies.get(model.text)!);
  const united = wanted.source === 'union' ? uniteVocabularies([own, ...others]) : own;
  const isChanged = united.ids.size !== own.ids.size;
  const tableRows = (source: OpenedSource): number =>
    source.opened.find(source.opened.embedding)?.shape[0] ?? idCount(vocabularies.get(source.model.text)!);
  const tokens = idCount(united);
  const multiple = wanted.padToMultipleOf;
  // Engines expect the sizes that models were published with: padding behind the last token stays.
  const rows = multiple === undefined ? Math.max(tokens, tableRows(owner)) : Math.ceil(tokens / multiple) * multiple;
  const maps = makeRowMaps(
    sources.map((source) => ({
      name: source.model.text,
      vocabulary: vocabularies.get(source.model.text)!,
      rows: tableRows(source),
      isBase: source.isBase,
    })),
    {
      ids: united.ids,
      rows,
      owner: sources.indexOf(owner),
      tokens: wanted.tokens,
      at: (token) => `${recipe.at(['tokenizer', 'tokens', token])}`,
    },
  );
  const companions = await companionsOf(owner.opened.folder);
  if (!companions.has('generation_config.json')) {
    const path = join(lead.opened.folder, 'generation_config.json');
    if (await exists(path)) companions.set('generation_config.json', { path });
  }
  const warnings: string[] = [];
  if (isChanged) {
    for (const name of [...companions.keys()].filter((file) => outdated.test(file))) {
      companions.delete(name);
      warnings.push(`${name} does not know the new tokens and is left out; tokenizer.json has them all.`);
    }
    companions.set('tokenizer.json', { content: `${JSON.stringify(united.definition)}\n` });
    await updateDecoder(companions, own, united);
  }
  return {
    companions: await withTemplate(companions, template),
    vocabulary: rows,
    owner,
    align: (source, name, table) => alignTable(source, name, table, sources, maps, rows),
    warnings,
  };
}

function textOf(source: NonNullable<MergeRecipe['tokenizer']>['source']): string {
  return typeof source === 'string' ? source : source.text;
}

function alignTable(
  source: OpenedSource,
  name: string,
  table: StoredTensor | AdaptedTensor,
  sources: readonly OpenedSource[],
  maps: readonly GatheredTensor['map'][],
  rows: number,
): SourceTensor {
  const position = sources.findIndex(({ model }) => model.text === source.model.text);
  const map = maps[position];
  const isSame =
    table.shape[0] === rows &&
    map.row.length === rows &&
    map.row.every((row, id) => row === id && map.source[id] === position);
  if (isSame) return table;
  const [, columns] = table.shape;
  const tables = sources.map((each) => {
    const found = each.opened.find(name);
    if (found?.shape.length === 2 && found.shape[1] === columns) return found;
    throw new InputError({
      field: `model ${each.model.text}, tensor ${JSON.stringify(name)}`,
      found: found ? `shape [${found.shape}]` : 'no such tensor',
      expected: `rows of ${columns} elements`,
      fix: 'Merge models of one architecture and size.',
    });
  });
  return { kind: 'gathered', sources: tables, map, shape: [rows, columns] };
}

async function companionsOf(folder: string): Promise<Map<string, Companion>> {
  const names = (await readdir(folder)).filter((name) => carried.test(name)).sort();
  return new Map(names.map((name) => [name, { path: join(folder, name) }]));
}

async function withTemplate(
  companions: Map<string, Companion>,
  template: string | undefined,
): Promise<ReadonlyMap<string, Companion>> {
  if (template === undefined) return companions;
  for (const name of [...companions.keys()]) if (/^chat_template/.test(name)) companions.delete(name);
  companions.set('chat_template.jinja', { content: template });
  const config = await tokenizerConfig(companions);
  if (config) {
    const { chat_template: _, ...rest } = config;
    companions.set('tokenizer_config.json', { content: `${JSON.stringify(rest, null, 2)}\n` });
  }
  return companions;
}

/** Tells the configuration of the tokenizer which added tokens there are now. */
async function updateDecoder(companions: Map<string, Companion>, own: Vocabulary, united: Vocabulary): Promise<void> {
  const config = await tokenizerConfig(companions);
  if (!config) return;
  const added = [...united.added].filter(([token]) => !own.added.has(token));
  const decoder = Object.fromEntries(added.map(([, { id, ...entry }]) => [String(id), entry]));
  const content = { ...config, added_tokens_decoder: { ...(config.added_tokens_decoder as JsonObject), ...decoder } };
  companions.set('tokenizer_config.json', { content: `${JSON.stringify(content, null, 2)}\n` });
}

async function tokenizerConfig(companions: ReadonlyMap<string, Companion>): Promise<JsonObject | undefined> {
  const companion = companions.get('tokenizer_config.json');
  if (!companion) return undefined;
  return 'path' in companion ? readJsonObject(companion.path) : (JSON.parse(companion.content) as JsonObject);
}

/** More differences than this share of the tokens are another vocabulary; fewer are renamed or added tokens. */
const tolerated = 0.01;

/** Without a tokenizer section rows are merged as they are: the models have to mean the same by them. */
function disagreements(
  lead: OpenedSource,
  source: OpenedSource,
  vocabularies: ReadonlyMap<string, Vocabulary>,
): readonly string[] {
  const [own, other] = [lead, source].map(({ model }) => vocabularies.get(model.text));
  if (!own || !other || own === other) return [];
  const different = [...own.ids].filter(([token, id]) => other.ids.get(token) !== id).map(([token]) => token);
  if (different.length === 0) return [];
  const shown = different
    .slice(0, 3)
    .map((token) => JSON.stringify(token))
    .join(', ');
  const found = `${formatPlural(different.length, 'token')} with other ids than in ${lead.model.text}, such as ${shown}`;
  if (different.length <= tolerated * own.ids.size) {
    return [
      `${source.model.text}: ${found}; their rows are merged as they are (tokenizer: {source: union} would align them).`,
    ];
  }
  throw new InputError({
    field: `model ${source.model.text}, tokenizer.json`,
    found,
    expected: 'one vocabulary, as rows of token tables are merged by their number',
    fix: 'Add a tokenizer section, such as tokenizer: {source: union}.',
  });
}
