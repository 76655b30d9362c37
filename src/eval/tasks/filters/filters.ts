/** Filters of `filter_list`: from what a model wrote to what is scored, in steps, named and meant as upstream. */
import { UsageError } from '../../../errors.ts';
import { nearest } from '../../../yaml/near-miss.ts';
import type { FilterPipelineConfig } from '../schema.ts';
import { formatSpan } from './format-span.ts';
import { multipleChoicePattern } from './multiple-choice-pattern.ts';
import { pythonPattern } from './python-pattern.ts';
import { Settings } from './settings.ts';

/** One answer on its way through a pipeline. */
interface Extract {
  readonly text: string;
  /** Whether a filter that looks for something found it. */
  readonly found: boolean;
}

/** Answers of one item, all its repeats; `options` are those of a multiple-choice question. */
export type Filter = (answers: readonly Extract[], options: readonly string[]) => readonly Extract[];

export interface FilterPipeline {
  readonly name: string;
  /** Whether a step looks for something, and may not find it. */
  readonly looks: boolean;
  readonly apply: Filter;
}

const INVALID = '[invalid]';

type FilterFactory = (settings: Settings) => Filter;

const each =
  (change: (text: string) => string): FilterFactory =>
  () =>
  (answers) =>
    answers.map(({ text, found }) => ({ text: change(text), found }));

const FILTERS: Readonly<Record<string, FilterFactory>> = {
  regex: (settings) => {
    const pattern = pythonPattern(settings.text('regex_pattern', String.raw`#### (\-?[0-9\.\,]+)`), settings.field);
    const select = settings.integer('group_select', 0);
    const fallback = settings.text('fallback', INVALID);
    return (answers) =>
      answers.map(({ text }) => {
        const match = pattern.findAll(text).at(select);
        const part = typeof match === 'string' ? match : match?.find((group) => group !== '');
        return part === undefined ? { text: fallback, found: false } : { text: part.trim(), found: true };
      });
  },
  multi_choice_regex: multipleChoicePattern,
  remove_whitespace: each((text) => text.trim()),
  lowercase: each((text) => text.toLowerCase()),
  uppercase: each((text) => text.toUpperCase()),
  format_span: each(formatSpan),
  map: (settings) => {
    const mapping = settings.record('mapping_dict');
    const fallback = settings.optional('default_value');
    return (answers) =>
      answers.map(({ text }) => {
        const found = Object.hasOwn(mapping, text);
        return { text: String((found ? mapping[text] : fallback) ?? ''), found };
      });
  },
  take_first: () => (answers) => answers.slice(0, 1),
  take_first_k: (settings) => {
    const k = settings.count('k');
    return (answers) => answers.slice(0, k);
  },
  majority_vote: () => (answers) => {
    const votes = new Map<string, number>();
    for (const { text } of answers) votes.set(text, (votes.get(text) ?? 0) + 1);
    // Of equals the first, as Python's Counter has it.
    const most = Math.max(...votes.values());
    const winner = answers.find(({ text }) => votes.get(text) === most);
    return winner === undefined ? [] : [winner];
  },
};

const LOOKING: ReadonlySet<string> = new Set(['regex', 'multi_choice_regex', 'map']);

/** @throws UsageError naming a filter or setting that is unknown or wrong. */
export function buildPipeline({ name, filter }: FilterPipelineConfig, field: string): FilterPipeline {
  const steps = filter.map(({ function: step, ...rest }, i): Filter => {
    const at = `${field}.filter.${i}`;
    if (!Object.hasOwn(FILTERS, step)) {
      const known = Object.keys(FILTERS);
      const meant = nearest(step, known);
      throw new UsageError({
        field: `${at}.function`,
        found: `the filter ${JSON.stringify(step)}`,
        expected: `one of ${known.join(', ')}`,
        fix: meant === undefined ? 'Choose one of these.' : `Did you mean "${meant}"?`,
      });
    }
    const settings = new Settings(rest, at);
    const built = FILTERS[step](settings);
    settings.refuseRest();
    return built;
  });
  return {
    name,
    looks: filter.some(({ function: step }) => LOOKING.has(step)),
    apply: (answers, options) => steps.reduce((passed, step) => step(passed, options), answers),
  };
}
