/** Questions of evaluation tasks as conversations: from their training splits, in the words in which the tasks ask them. */
import { resolve } from 'node:path';
import type { Conversation } from '../data/conversations/example.ts';
import { InputError, UsageError } from '../errors.ts';
import { builtInTasks, distinctTasks, findTasks, isTaskFile } from '../eval/run/find-tasks.ts';
import { joined } from '../eval/tasks/prompt.ts';
import type { Task, TaskItem } from '../eval/tasks/task.ts';
import { questionHash, scoredQuestions, trainingItems, trainingSplitOf } from '../eval/tasks/training-items.ts';
import type { ToolName } from '../generate/tools/named-tools.ts';
import { formatPlural } from '../observe/numbers.ts';
import { stream } from '../random/stream.ts';
import type { TaskSource } from './conversation-source.ts';
import type { DataSetOptions } from './data-set.ts';

interface TaskConversation {
  readonly id: string;
  /** Name of the task. */
  readonly task: string;
  /** What is on one side of a split as a whole: the questions about one page, or the same question. */
  readonly group: string;
  readonly conversation: Conversation;
}

export interface TaskConversations {
  readonly conversations: readonly TaskConversation[];
  /** Tools that the tasks let a model call. */
  readonly tools: readonly ToolName[];
}

type ReadingOptions = Pick<DataSetOptions, 'root' | 'onWarning' | 'signal'>;

/**
 * Questions that one of the tasks scores are left out and counted, and so are those without an answer to learn.
 * @throws UsageError for a task without a training split, InputError where nothing is left of one, and as reading tasks does
 */
export async function taskConversations(source: TaskSource, options: ReadingOptions): Promise<TaskConversations> {
  const { root, signal } = options;
  const tasks = distinctTasks(
    await findTasks(source.on.map((name) => (isTaskFile(name) ? resolve(root, name) : name))),
  );
  for (const task of tasks) await requireTraining(task);
  const scored = new Set<string>();
  for (const task of tasks) for (const question of await scoredQuestions(task, signal)) scored.add(question);
  const conversations: TaskConversation[] = [];
  for (const task of tasks) conversations.push(...(await learntFrom(task, scored, source, options)));
  return { conversations, tools: [...new Set(tasks.flatMap(({ config }) => config.tools))] };
}

async function learntFrom(
  task: Task,
  scored: ReadonlySet<string>,
  { num_fewshot, system, limit, held_out: { seed } }: TaskSource,
  { signal, onWarning }: ReadingOptions,
): Promise<readonly TaskConversation[]> {
  const asking = { chat: true, fewShot: num_fewshot ?? undefined, system: system ?? undefined, signal };
  const items = await trainingItems(task, asking);
  const apart = items.filter((item) => !scored.has(questionHash(item)));
  const learnt = apart.flatMap((item): TaskConversation[] => {
    const conversation = conversationOf(task, item);
    const group = item.cluster ?? questionHash(item);
    return conversation === undefined ? [] : [{ id: item.id, task: task.name, group, conversation }];
  });
  const tell = (left: number, what: string) => {
    if (left > 0) onWarning?.(`${task.name}: ${formatPlural(left, 'training question')} ${what}: left out`);
  };
  tell(items.length - apart.length, 'that the tasks of the set score');
  tell(apart.length - learnt.length, 'without an answer to learn');
  if (learnt.length === 0) throw nothingLeft(task, items.length);
  if (limit === null || learnt.length <= limit) return learnt;
  const drawn = stream(seed, 'draw', task.name).permutation(learnt.length).subarray(0, limit).sort();
  return Array.from(drawn, (place) => learnt[place]);
}

/** The prompt of an item, answered as examples are answered; undefined where the data say no answer. */
export function conversationOf({ config }: Task, { variants: [asked] }: TaskItem): Conversation | undefined {
  const { promptByOption, gold = [], target, delimiter } = asked;
  const prompt = promptByOption?.[gold[0]] ?? asked.prompt;
  if (typeof prompt === 'string') throw new Error('a prompt that is no conversation');
  const [answer = ''] = target;
  if (answer.trim() === '') return undefined;
  const last = prompt.at(-1);
  const given = last?.role === 'assistant' ? String(last.content) : '';
  // What is compared by likelihood follows the delimiter, what is written freely follows as it does in examples.
  const isFree = config.output_type === 'generate_until';
  const content = isFree ? joined(given, answer, ' ') : given + delimiter + answer;
  const before = given === '' ? prompt : prompt.slice(0, -1);
  return { messages: [...before, { role: 'assistant', content }], untrained: new Set(), given };
}

async function requireTraining(task: Task): Promise<void> {
  if (task.config.output_type === 'loglikelihood_rolling') {
    throw new UsageError({
      field: `tasks.on: ${task.name}`,
      found: 'a task that measures texts and asks nothing',
      expected: 'tasks with questions and answers',
      fix: 'Learn from texts as files under data, in a cpt stage.',
    });
  }
  if (trainingSplitOf(task) !== undefined) return;
  const others = await likeTasks(task);
  throw new UsageError({
    field: `tasks.on: ${task.name}`,
    found: 'a task without a training split',
    expected: 'a training_split that is not the split that the task scores',
    fix: `What is scored is never learnt. ${others.length > 0 ? `Tasks like it that have one: ${others.join(', ')}.` : 'Leave the task out.'}`,
  });
}

const MOST_NAMED = 3;

/** Tasks that come with Finery and can be learnt from, those that share most tags first. */
async function likeTasks(task: Task): Promise<readonly string[]> {
  const known = distinctTasks(await findTasks(await builtInTasks()));
  return known
    .filter((other) => trainingSplitOf(other) !== undefined)
    .map(({ name, tags }) => ({ name, shared: tags.filter((tag) => task.tags.includes(tag)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
}

function nothingLeft(task: Task, read: number): InputError {
  return new InputError({
    field: `${task.file}: training_split`,
    found: `${formatPlural(read, 'question')}, none of which can be learnt`,
    expected: 'questions with answers that the task does not score',
    fix: 'Check that training and scored split are not the same data, and that doc_to_target gives answers.',
  });
}
