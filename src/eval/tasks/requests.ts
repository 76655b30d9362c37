/** What a model is asked about an item. */
import type { AnswerRequest, ContinuationRequest } from '../model/language-model.ts';
import type { ItemRequests, ItemVariant, Task, TaskItem } from './task.ts';

/**
 * In order: for each variant its continuations; then, for `acc_mutual_info`, the same ones without a prompt; and for each
 * variant as many answers as `repeats` says. `reading.ts` finds its way back by the same rules.
 */
export function requestsOf(task: Task, item: TaskItem): ItemRequests {
  const { output_type } = task.config;
  const { variants } = item;
  if (output_type === 'loglikelihood_rolling') return { continuations: [], texts: targetText(item), answers: [] };
  if (output_type === 'loglikelihood') {
    const continuations = variants.map(({ prompt, target }) => ({ prompt, continuations: [target[0]] }));
    return { continuations, texts: [], answers: [] };
  }
  const isScored = isScoredByLikelihood(task);
  return {
    continuations: isScored ? [...variants.flatMap(optionRequests), ...unconditional(task, variants)] : [],
    texts: [],
    answers: isAnswered(task) ? variants.flatMap((variant) => answerRequests(task, variant)) : [],
  };
}

/** Whether options are compared by how likely the model finds them. */
export function isScoredByLikelihood({ config }: Task): boolean {
  return config.output_type === 'multiple_choice' && (config.score_by ?? ['likelihood']).includes('likelihood');
}

/** Whether the model is asked to write an answer. */
export function isAnswered({ config }: Task): boolean {
  if (config.output_type === 'generate_until') return true;
  return config.output_type === 'multiple_choice' && (config.score_by ?? []).includes('extraction');
}

export function needsUnconditional({ metrics }: Task): boolean {
  return metrics.some(({ metric }) => metric === 'acc_mutual_info');
}

function targetText({ variants }: TaskItem): readonly string[] {
  return variants.slice(0, 1).map(({ target }) => target[0]);
}

function optionRequests(variant: ItemVariant): readonly ContinuationRequest[] {
  const { prompt, promptByOption, options = [], target, delimiter } = variant;
  if (promptByOption === undefined) {
    return [{ prompt, continuations: options.map((option) => delimiter + option) }];
  }
  return promptByOption.map((filled) => ({ prompt: filled, continuations: [delimiter + target[0]] }));
}

function unconditional(task: Task, variants: readonly ItemVariant[]): readonly ContinuationRequest[] {
  if (!needsUnconditional(task)) return [];
  return variants.map(({ options = [], delimiter }) => ({
    prompt: '',
    continuations: options.map((option) => delimiter + option),
  }));
}

function answerRequests({ config }: Task, { prompt }: ItemVariant): readonly AnswerRequest[] {
  const { tools } = config;
  const isChat = typeof prompt !== 'string';
  const chat = isChat ? config.chat_generation_kwargs : {};
  const { until, max_gen_toks, do_sample, temperature, top_p } = { ...config.generation_kwargs, ...chat };
  // Upstream ends answers at the delimiter of examples. In a conversation a blank line ends nothing: turns have an end.
  const standard = isChat ? [] : [config.fewshot_delimiter];
  const stop = (until === undefined ? standard : typeof until === 'string' ? [until] : until).filter(
    (text) => text !== '',
  );
  const heat = do_sample === false ? 0 : (temperature ?? (do_sample ? 1 : 0));
  return Array.from({ length: config.repeats }, (_, seed) => ({
    prompt,
    maxTokens: max_gen_toks,
    stop,
    temperature: heat,
    ...(top_p !== undefined && { topP: top_p }),
    ...(tools.length > 0 && { tools }),
    seed,
  }));
}
