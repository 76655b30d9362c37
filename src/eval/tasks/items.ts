/** From a task to what a model is asked: documents read, examples drawn, prompts written. */
import { createHash } from 'node:crypto';
import { contentHash } from './data/content-hash.ts';
import { cardDifferences, labelCounts, refuseDifferences } from './data/dataset-card.ts';
import { type ExamplePool, examplePool } from './few-shot/example-pool.ts';
import { exampleSampler } from './few-shot/sampler.ts';
import { goldOf, optionsOf, questionOf, targetsOf, textOf, truthOf } from './field-readings.ts';
import { type FieldSource, type FieldValue, type FieldValues, readFields } from './fields.ts';
import { checkedMeasure } from './measure.ts';
import { type PromptParts, type QuestionAnswer, writePrompt } from './prompt.ts';
import { withRotatedOptions } from './rotations.ts';
import type { TaskConfig } from './schema.ts';
import { type SplitDocuments, type SplitPart, splitDocuments } from './split-documents.ts';
import type { Document, ItemOptions, ItemVariant, Measure, Task, TaskItem } from './task.ts';
import { TemplateRenderer } from './templates/template-renderer.ts';

/** The seed of upstream's sampler. */
const SEED = 1234;

/**
 * The items of a task's scored split, in order.
 * @throws UsageError for a definition that does not fit, InputError for data that does not.
 */
export async function itemsOf(task: Task, options: ItemOptions = {}): Promise<readonly TaskItem[]> {
  const { signal, limit } = options;
  const { config } = task;
  const documents = await splitDocuments(task, signal);
  const { split, all, scored } = documents;
  const shots = options.fewShot ?? config.num_fewshot;
  const pool = shots === 0 ? undefined : await examplePool(task, documents, signal);
  const part = { documents: scored.documents.slice(0, limit), places: scored.places.slice(0, limit) };
  const items = await written(task, split, part, options, pool);
  if (!options.ignoreCard) refuseOtherData(task, split, all, limit === undefined ? items : undefined);
  return items;
}

/** Documents of the scored split that are kept for examples, as questions of their own. */
export async function reservedItems(task: Task, { split, reserved }: SplitDocuments): Promise<readonly TaskItem[]> {
  return written(task, split, reserved, { fewShot: 0 });
}

async function written(
  task: Task,
  split: string,
  part: SplitPart,
  options: ItemOptions,
  pool?: ExamplePool,
): Promise<readonly TaskItem[]> {
  const renderer = new TemplateRenderer(task.file);
  try {
    const writer = new ItemWriter(task, split, options, renderer);
    return await writer.items(part, pool, options.fewShot ?? task.config.num_fewshot);
  } finally {
    await renderer.close();
  }
}

function refuseOtherData(
  task: Task,
  split: string,
  documents: readonly Document[],
  items: readonly TaskItem[] | undefined,
): void {
  const { rows, sha256, labels } = task.config.dataset_card;
  if (rows === undefined && sha256 === undefined && labels === undefined) return;
  const content = { split, rows: documents.length, sha256: contentHash(documents) };
  refuseDifferences(task, cardDifferences(task, [content], items && labelCounts(items)));
}

/** What is read of a document beside its slices. */
type ItemField =
  | 'doc_to_id'
  | 'doc_to_context'
  | 'doc_to_text'
  | 'doc_to_target'
  | 'doc_to_choice'
  | 'description'
  | 'gen_prefix'
  | 'cluster'
  | 'unit'
  | 'scale'
  | 'currency'
  | 'rubric'
  | 'doc_to_refusal';

interface Example {
  readonly id: string;
  readonly turn: QuestionAnswer;
}

class ItemWriter {
  readonly #task: Task;
  readonly #config: TaskConfig;
  readonly #split: string;
  readonly #options: ItemOptions;
  readonly #renderer: TemplateRenderer;

  constructor(task: Task, split: string, options: ItemOptions, renderer: TemplateRenderer) {
    this.#task = task;
    this.#config = task.config;
    this.#split = split;
    this.#options = options;
    this.#renderer = renderer;
  }

  async items(
    { documents, places }: SplitPart,
    pool: ExamplePool | undefined,
    shots: number,
  ): Promise<readonly TaskItem[]> {
    const ids = await this.#idsOf(documents, this.#split, places);
    const drawn = await this.#drawn(documents, ids, pool, shots);
    const examples = pool && (await this.#examples(pool, [...new Set(drawn.flat())]));
    const rotations = await withRotatedOptions(this.#config, documents, (sources, of) => this.#read(sources, of, ids));
    const fields = await Promise.all(rotations.documents.map((rotated) => this.#read(this.#sources(), rotated, ids)));
    const slices = await this.#read(this.#config.slices, rotations.documents[0], ids);

    return documents.map((document, index): TaskItem => {
      const first = fields[0][index];
      const shown = drawn[index].flatMap((place) => examples?.get(place) ?? []);
      const read = fields.slice(0, rotations.counts[index]).map((one) => one[index]);
      return {
        id: `${this.#task.name}/${this.#split}/${ids[index]}`,
        index,
        document,
        variants: this.#variants(
          read,
          rotations.options.map((shift) => shift?.[index]),
          shown.map(({ turn }) => turn),
          ids[index],
        ),
        slices: Object.fromEntries(Object.entries(slices[index]).map(([name, value]) => [name, textOf(value)])),
        cluster: this.#config.cluster === undefined ? undefined : textOf(first.cluster),
        examples: shown.map(({ id }) => id),
        question: this.#question(first),
        measure: this.#measure(first, ids[index]),
        rubric: this.#config.judge === undefined ? undefined : textOf(first.rubric),
        ...(this.#config.doc_to_refusal !== undefined && {
          shouldRefuse: truthOf(first.doc_to_refusal, this.#place('doc_to_refusal', ids[index])),
        }),
      };
    });
  }

  /** For each document the places of its examples in the pool. */
  async #drawn(
    documents: readonly Document[],
    ids: readonly string[],
    pool: ExamplePool | undefined,
    shots: number,
  ): Promise<readonly (readonly number[])[]> {
    if (pool === undefined) return documents.map(() => []);
    const { fewshot_config, fewshot_split, test_split } = this.#config;
    const { sampler, match } = fewshot_config;
    const matchesOf = async (some: readonly Document[], names: readonly string[]) =>
      match === undefined ? undefined : (await this.#read({ match }, some, names)).map((field) => textOf(field.match));
    const questions = await matchesOf(documents, ids);
    const draw = exampleSampler(pool.documents, {
      kind: sampler,
      seed: this.#options.seed ?? SEED,
      shots,
      sharesSplit: pool.sharesSplit,
      drawsOneMore: fewshot_config.reserve === undefined && (fewshot_config.split ?? fewshot_split) === test_split,
      matches: await matchesOf(
        pool.documents,
        pool.documents.map((_, place) => `${pool.split}/${place}`),
      ),
      field: `${this.#task.file}: num_fewshot`,
    });
    return documents.map((document, i) => draw(document, questions?.[i]));
  }

  #sources(): Readonly<Record<ItemField, FieldSource | undefined>> {
    const { doc_to_id, doc_to_context, doc_to_text, doc_to_target, doc_to_choice } = this.#config;
    const { description, gen_prefix, cluster, answer, judge, doc_to_refusal } = this.#config;
    const { unit, scale, currency } = answer ?? {};
    const item = { doc_to_id, doc_to_context, doc_to_text, doc_to_target, doc_to_choice, description, gen_prefix };
    return { ...item, cluster, unit, scale, currency, rubric: judge?.rubric, doc_to_refusal };
  }

  #read<Name extends string>(
    sources: Readonly<Record<Name, FieldSource | undefined>>,
    documents: readonly Document[],
    ids: readonly string[],
  ): Promise<readonly FieldValues<Name>[]> {
    const nameOf = (document: number): string => `document ${ids[document]}`;
    return readFields(this.#renderer, sources, documents, { file: this.#task.file, nameOf });
  }

  /** The document's own name, or its place; a name that comes again is told apart by its place. */
  async #idsOf(
    documents: readonly Document[],
    split: string,
    places: readonly number[] = [...documents.keys()],
  ): Promise<readonly string[]> {
    const { doc_to_id } = this.#config;
    const names =
      doc_to_id === undefined
        ? documents.map(({ id }, i) => String(typeof id === 'string' || typeof id === 'number' ? id : places[i]))
        : (
            await this.#read(
              { doc_to_id },
              documents,
              places.map((place) => `${split}/${place}`),
            )
          ).map((field) => textOf(field.doc_to_id));
    const seen = new Set<string>();
    return names.map((name, i) => {
      const id = name === '' || seen.has(name) ? `${name}#${places[i]}` : name;
      seen.add(id);
      return id;
    });
  }

  /** Questions of the pool with their answers, under the settings for examples, at the places that are shown. */
  async #examples(pool: ExamplePool, places: readonly number[]): Promise<ReadonlyMap<number, Example>> {
    const config = this.#config;
    const own = config.fewshot_config;
    const all = await this.#idsOf(pool.documents, pool.split, pool.places);
    const ids = places.map((place) => all[place]);
    const documents = places.map((place) => pool.documents[place]);
    const standing = { ...config, permute_options: 'none' } as const;
    const rotations = await withRotatedOptions(standing, documents, (sources, of) => this.#read(sources, of, ids));
    const fields = await this.#read(
      {
        doc_to_context: config.doc_to_context,
        doc_to_text: own.doc_to_text ?? config.doc_to_text,
        doc_to_target: own.doc_to_target ?? config.doc_to_target,
        doc_to_choice: own.doc_to_choice ?? config.doc_to_choice,
        gen_prefix: own.gen_prefix ?? config.gen_prefix,
      },
      rotations.documents[0],
      ids,
    );
    const examples = fields.map((field, i): Example => {
      const options = this.#optionsOf(field.doc_to_choice, ids[i]);
      const asked = questionOf(field.doc_to_text, options !== undefined);
      const gap = typeof asked === 'number' ? options?.[asked] : undefined;
      const question = gap ?? String(asked);
      const { beginning, end } = this.#arranged(textOf(field.doc_to_context), question);
      return {
        id: `${pool.split}/${ids[i]}`,
        turn: {
          question: beginning + end,
          prefix: textOf(field.gen_prefix),
          answer: gap === undefined ? this.#answer(field.doc_to_target, options, ids[i]) : textOf(field.doc_to_target),
          targetDelimiter: own.target_delimiter ?? config.target_delimiter,
          fewShotDelimiter: own.fewshot_delimiter ?? config.fewshot_delimiter,
        },
      };
    });
    return new Map(places.map((place, i) => [place, examples[i]]));
  }

  /** What an example answers: the first of several right answers. */
  #answer(target: FieldValue, options: readonly string[] | undefined, id: string): string {
    if (options === undefined) return targetsOf(target)[0] ?? '';
    // Examples may be answered with words that are none of the options, such as with an explanation.
    const written = targetsOf(target);
    if (written.length === 1 && !/^\d+$/.test(written[0]) && !options.includes(written[0])) return written[0];
    return options[goldOf(target, options, this.#place('doc_to_target', id))[0]];
  }

  #variants(
    read: readonly FieldValues<ItemField>[],
    texts: readonly (readonly string[] | undefined)[],
    examples: readonly QuestionAnswer[],
    id: string,
  ): readonly ItemVariant[] {
    const standing = this.#optionsOf(read[0].doc_to_choice, id);
    const asked = questionOf(read[0].doc_to_text, standing !== undefined);
    if (typeof asked === 'number') return [this.#gapVariant(asked, read[0], standing ?? [], examples)];
    const gold = standing && goldOf(read[0].doc_to_target, standing, this.#place('doc_to_target', id));
    return read.map((fields, rotation) => {
      const question = rotation === 0 ? asked : String(questionOf(fields.doc_to_text, false));
      const options = rotation === 0 ? standing : this.#optionsOf(fields.doc_to_choice, id);
      const written = this.#written(fields, question, examples);
      const n = options?.length ?? 1;
      const shownGold = gold?.map((place) => (place - rotation + n) % n);
      return {
        prompt: written.prompt,
        promptByOption: undefined,
        options,
        texts: texts[rotation],
        gold: shownGold,
        target: options && shownGold ? shownGold.map((place) => options[place]) : targetsOf(fields.doc_to_target),
        delimiter: this.#config.output_type === 'loglikelihood' ? '' : written.delimiter,
        prefixKey: keyOf(written.shared),
      };
    });
  }

  /** Each option in the question's place, and the same continuation after all of them. */
  #gapVariant(
    gold: number,
    fields: FieldValues<ItemField>,
    options: readonly string[],
    examples: readonly QuestionAnswer[],
  ): ItemVariant {
    const prompts = options.map((option) => this.#written(fields, option, examples));
    const [first] = prompts;
    return {
      prompt: first.prompt,
      promptByOption: prompts.map(({ prompt }) => prompt),
      options,
      texts: undefined,
      gold: [gold],
      target: targetsOf(fields.doc_to_target),
      delimiter: first.delimiter,
      prefixKey: keyOf(first.shared),
    };
  }

  #written(fields: FieldValues<ItemField>, question: string, examples: readonly QuestionAnswer[]) {
    const { chat = false, fewShotAsTurns = false, system = '' } = this.#options;
    const { target_delimiter, fewshot_delimiter } = this.#config;
    const { beginning, end } = this.#arranged(textOf(fields.doc_to_context), question);
    const parts: PromptParts = {
      system,
      description: textOf(fields.description),
      examples,
      beginning,
      question: end,
      prefix: textOf(fields.gen_prefix),
      targetDelimiter: target_delimiter,
      fewShotDelimiter: fewshot_delimiter,
    };
    return writePrompt(parts, { chat, fewShotAsTurns });
  }

  /** Context and question in the order asked for; `beginning` is what questions on one context share. */
  #arranged(context: string, question: string): { readonly beginning: string; readonly end: string } {
    if (context === '') return { beginning: '', end: question };
    const { context_delimiter: delimiter, question_position } = this.#config;
    const position = this.#options.questionPosition ?? question_position;
    if (position === 'last') return { beginning: context + delimiter, end: question };
    return { beginning: '', end: question + delimiter + context };
  }

  #optionsOf(field: FieldValue, id: string): readonly string[] | undefined {
    if (this.#config.doc_to_choice === undefined && field.value === undefined) return undefined;
    return optionsOf(field, this.#place('doc_to_choice', id));
  }

  #question({ doc_to_context, doc_to_text, doc_to_choice }: FieldValues<ItemField>): string {
    const asked = questionOf(doc_to_text, doc_to_choice.value !== undefined);
    if (typeof asked === 'number') return '';
    const { beginning, end } = this.#arranged(textOf(doc_to_context), asked);
    return beginning + end;
  }

  #measure({ unit, scale, currency }: FieldValues<ItemField>, id: string): Measure | undefined {
    if (this.#config.answer === undefined) return undefined;
    const measure = { unit: textOf(unit).trim(), scale: textOf(scale).trim(), currency: textOf(currency).trim() };
    return checkedMeasure(measure, `${this.#task.file}: answer`, `document ${id}`);
  }

  #place(field: string, id: string) {
    return { field: `${this.#task.file}: ${field}`, document: `document ${id}` };
  }
}

const keyOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
