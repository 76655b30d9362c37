/** What must agree between fields of a task that are each correct by themselves. */
import { UsageError } from '../../errors.ts';
import { METRICS } from './metric-definitions.ts';
import { registeredFunction } from './registered-functions.ts';
import type { RegisteredName, TaskConfig } from './schema.ts';

type Place = (path: readonly (string | number)[]) => string;

/**
 * @returns warnings: what was accepted but means less here than its author may expect
 * @throws UsageError for what contradicts itself.
 */
export function checkTask(config: TaskConfig, place: Place): readonly string[] {
  for (const [path, found, expected, fix] of contradictions(config)) {
    throw new UsageError({ field: place(path), found, expected, fix });
  }
  checkFunctions(config, place);
  return Array.from(doubts(config), ([path, text]) => `${place(path)}: ${text}`);
}

type Contradiction = readonly [path: readonly string[], found: string, expected: string, fix: string];

function* contradictions(config: TaskConfig): Generator<Contradiction> {
  const { output_type, doc_to_choice, score_by, permute_options, answer, judge, num_fewshot } = config;
  const isChoice = output_type === 'multiple_choice';
  const writes = output_type === 'generate_until';
  if (isChoice && doc_to_choice === undefined) {
    yield [['output_type'], 'multiple_choice', 'doc_to_choice beside it', 'Say which options there are.'];
  }
  if (Array.isArray(doc_to_choice) && new Set(doc_to_choice).size < doc_to_choice.length) {
    yield [['doc_to_choice'], JSON.stringify(doc_to_choice), 'each option once', 'Remove the repetition.'];
  }
  if (!isChoice && score_by !== undefined) {
    yield [['score_by'], `score_by for ${output_type}`, 'multiple_choice', 'Remove it or change output_type.'];
  }
  if (permute_options !== 'none' && config.doc_to_options === undefined) {
    yield [['permute_options'], permute_options, 'doc_to_options beside it', 'Say which texts to turn around.'];
  }
  if (!writes && answer !== undefined) {
    yield [['answer'], `numbers in ${output_type}`, 'generate_until', 'Remove it or change output_type.'];
  }
  if (answer !== undefined && doc_to_choice !== undefined) {
    yield [['answer'], 'numbers and options', 'one of both', 'Remove answer or doc_to_choice.'];
  }
  if (!writes && judge !== undefined) {
    yield [['judge'], `a judge of ${output_type}`, 'generate_until', 'Remove it or change output_type.'];
  }
  yield* refusalContradictions(config);
  yield* reserveContradictions(config);
  if (config.tools.length > 0 && !writes && !(score_by ?? []).includes('extraction')) {
    yield [['tools'], `tools in ${output_type}`, 'answers that are written', 'Remove it or change output_type.'];
  }
  if (output_type === 'loglikelihood_rolling' && num_fewshot > 0) {
    yield [['num_fewshot'], `${num_fewshot} examples before a whole text`, '0', 'Remove it.'];
  }
  if (config.test_split === undefined && config.validation_split === undefined && config.training_split === undefined) {
    yield [[], 'no split to score', 'test_split or validation_split', 'Name the split.'];
  }
  if (config.dataset_path !== 'finworld' && config.dataset_kwargs.data_files === undefined) {
    yield [['dataset_path'], config.dataset_path, 'dataset_kwargs.data_files beside it', 'Name the files.'];
  }
  if (config.process_results !== undefined && !writes) {
    yield [['process_results'], `it for ${output_type}`, 'generate_until', 'Remove it or change output_type.'];
  }
}

function* refusalContradictions({
  output_type,
  doc_to_refusal,
  metric_list = [],
  process_results,
}: TaskConfig): Generator<Contradiction> {
  const measured = metric_list.findIndex(({ metric }) => isRefusalMetric(metric));
  if (doc_to_refusal === undefined) {
    if (measured < 0) return;
    const path = ['metric_list', String(measured), 'metric'];
    const expected = 'doc_to_refusal beside it, which says whether a right answer declines';
    yield [path, metric_list[measured].metric, expected, 'Add the field.'];
  } else if (output_type !== 'generate_until') {
    yield [['doc_to_refusal'], `it for ${output_type}`, 'generate_until', 'Remove it or change output_type.'];
  } else if (process_results !== undefined) {
    yield [['doc_to_refusal'], 'it beside process_results', 'one of both', 'Remove one of them.'];
  }
}

/** Examples come from what is kept, or from elsewhere. */
function* reserveContradictions({ fewshot_config, fewshot_split }: TaskConfig): Generator<Contradiction> {
  if (fewshot_config.reserve === undefined) return;
  const { split, samples, fewshot_indices, process_docs } = fewshot_config;
  const others = {
    fewshot_split,
    'fewshot_config.split': split,
    'fewshot_config.samples': samples,
    'fewshot_config.fewshot_indices': fewshot_indices,
    'fewshot_config.process_docs': process_docs,
  };
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (other === undefined) return;
  yield [['fewshot_config', 'reserve'], `it beside ${other}`, 'one of both', 'Remove one of them.'];
}

const isRefusalMetric = (metric: string): boolean =>
  Object.hasOwn(METRICS, metric) && METRICS[metric].from.includes('refusal');

function checkFunctions(config: TaskConfig, place: Place): void {
  const check = (value: unknown, kind: 'documents' | 'field' | 'results', path: readonly string[]): void => {
    if (isFunction(value)) registeredFunction(value.function, kind, place(path));
  };
  check(config.process_docs, 'documents', ['process_docs']);
  check(config.fewshot_config.process_docs, 'documents', ['fewshot_config', 'process_docs']);
  check(config.process_results, 'results', ['process_results']);
  for (const field of ['doc_to_text', 'doc_to_target', 'doc_to_choice'] as const) {
    check(config[field], 'field', [field]);
    check(config.fewshot_config[field], 'field', ['fewshot_config', field]);
  }
}

function isFunction(value: unknown): value is RegisteredName {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'function' in value;
}

type Doubt = readonly [path: readonly string[], text: string];

function* doubts(config: TaskConfig): Generator<Doubt> {
  const { repeats, generation_kwargs: kwargs, num_fewshot, fewshot_config } = config;
  const isSampled = kwargs.do_sample !== false && (kwargs.temperature ?? (kwargs.do_sample ? 1 : 0)) > 0;
  if (repeats > 1 && !isSampled) yield [['repeats'], `${repeats} answers at temperature 0 are the same answer.`];
  if (config.should_decontaminate) {
    yield [['should_decontaminate'], 'has no effect; contamination is measured by its own command.'];
  }
  if (config.unsafe_code) yield [['unsafe_code'], 'has no effect; programs run in a sandbox only.'];
  const hasSource = [fewshot_config.split, config.fewshot_split, fewshot_config.samples, fewshot_config.reserve].some(
    (source) => source !== undefined,
  );
  const scored = config.test_split ?? config.validation_split ?? config.training_split;
  const examples = fewshot_config.split ?? config.fewshot_split;
  if (num_fewshot > 0 && examples !== undefined && examples === scored) {
    yield [
      ['fewshot_split'],
      `examples come from ${scored}, which is scored; fewshot_config.reserve keeps some apart.`,
    ];
  }
  if (num_fewshot > 0 && !hasSource) {
    const split = config.training_split ?? config.validation_split ?? config.test_split;
    yield [['num_fewshot'], `no fewshot_split; examples come from ${split}.`];
  }
  if (config.output_type !== 'generate_until' && config.output_type !== 'multiple_choice' && repeats > 1) {
    yield [['repeats'], 'has no effect on likelihoods.'];
  }
  if (config.doc_to_refusal !== undefined && !config.metric_list?.some(({ metric }) => isRefusalMetric(metric))) {
    yield [['doc_to_refusal'], 'has no effect without refusal_precision, refusal_recall or over_refusal.'];
  }
  if (config.dataset_name !== undefined && config.dataset_path !== 'finworld') {
    yield [['dataset_name'], 'has no effect on files.'];
  }
}
