/** In how many ways the answers of a task are read: each is a column of results. */
import { buildPipeline, type FilterPipeline } from './filters/filters.ts';
import type { Evidence } from './metric-definitions.ts';
import type { TaskConfig } from './schema.ts';

export interface Reading {
  /** The `filter` of its metrics. */
  readonly filter: string;
  /** What metrics may be computed from; the first decides which are computed where a task names none. */
  readonly gives: readonly Evidence[];
  /** Absent for likelihoods and judges. */
  readonly reader?: { readonly kind: 'pipeline'; readonly pipeline: FilterPipeline } | { readonly kind: Extractor };
}

/** Our own ways to read an answer; `whole` takes it as it is. */
type Extractor = 'strict' | 'lenient' | 'whole';

/** What a text that was filtered out of an answer can be scored as; by upstream's rule options are compared as text. */
const EVIDENCE = { number: ['number', 'text'], choice: ['text', 'choice'], text: ['text'] } as const;

/**
 * The headline first. A `filter_list` takes the place of our extractors.
 * @throws UsageError naming a filter or setting that is unknown or wrong.
 */
export function readingsOf(config: TaskConfig, place: (path: readonly string[]) => string): readonly Reading[] {
  const { output_type, score_by = ['likelihood'], filter_list, answer, judge, doc_to_choice, process_results } = config;
  if (output_type === 'loglikelihood') return [{ filter: 'none', gives: ['continuation'] }];
  if (output_type === 'loglikelihood_rolling') return [{ filter: 'none', gives: ['text-likelihood'] }];
  const read = answer !== undefined ? 'number' : doc_to_choice !== undefined ? 'choice' : 'text';
  const gives = process_results === undefined ? EVIDENCE[read] : (['results'] as const);
  const pipelines = (filter_list ?? []).map((pipeline, i): Reading => {
    const built = buildPipeline(pipeline, place(['filter_list', String(i)]));
    return { filter: pipeline.name, gives, reader: { kind: 'pipeline', pipeline: built } };
  });
  const extractors: readonly Reading[] =
    pipelines.length > 0 || gives.length === 1
      ? pipelines
      : (['strict', 'lenient'] as const).map((kind) => ({ filter: kind, gives: [read], reader: { kind } }));
  if (output_type === 'multiple_choice') {
    return [
      ...(score_by.includes('likelihood') ? [{ filter: 'none', gives: ['options'] } satisfies Reading] : []),
      ...(score_by.includes('extraction') ? extractors : []),
    ];
  }
  const refusal = config.doc_to_refusal === undefined ? [] : (['refusal'] as const);
  const whole: Reading = {
    filter: 'none',
    gives: gives[0] === 'results' ? gives : pipelines.length > 0 ? refusal : ['text', ...refusal],
    reader: { kind: 'whole' },
  };
  return [
    ...(judge === undefined ? [] : [{ filter: 'judge', gives: ['verdict'] } satisfies Reading]),
    ...extractors,
    ...(pipelines.length === 0 || refusal.length > 0 ? [whole] : []),
  ];
}
