/** What a reader of scores should know of the data behind them. What makes scores meaningless is refused instead. */
import { formatPlural } from '../../../observe/numbers.ts';
import type { Task, TaskItem } from '../task.ts';

/** @param isWhole whether these are all items of the task, and not the first ones */
export function dataWarnings({ config }: Task, items: readonly TaskItem[], isWhole: boolean): readonly string[] {
  const { dataset_card: card, dataset_path, process_results, metadata } = config;
  const split = config.test_split ?? config.validation_split ?? config.training_split;
  const found: string[] = [];
  if (dataset_path !== 'finworld' && (split === undefined || card.sha256?.[split] === undefined)) {
    found.push('the card has no content hash of these data: other data would go unnoticed.');
  }
  if (!isWhole && card.labels !== undefined) {
    found.push('the first items only: their labels were not compared with those on the card.');
  }
  if (typeof metadata.licence === 'string' && /\bNC\b|non-?commercial/i.test(metadata.licence)) {
    found.push(`the data may not be used commercially (${metadata.licence}).`);
  }
  const questions = new Map<string, Set<string>>();
  let repeated = 0;
  for (const { question, variants } of items) {
    if (question === '') continue;
    const [{ options, target }] = variants;
    const key = JSON.stringify([question, options]);
    const answers = questions.get(key);
    if (answers !== undefined) repeated++;
    questions.set(key, (answers ?? new Set()).add(JSON.stringify(target)));
  }
  const contradicting = [...questions.values()].filter((answers) => answers.size > 1).length;
  if (repeated > 0) {
    found.push(`${formatPlural(repeated, 'item repeats', 'items repeat')} a question: they are fewer than they seem.`);
  }
  if (contradicting > 0 && process_results === undefined) {
    found.push(`${formatPlural(contradicting, 'question has', 'questions have')} different right answers.`);
  }
  return found;
}
