/** Questions that documents answer, as conversations of both parts. */
import type { Conversation } from '../data/conversations/example.ts';
import { itemsOf } from '../eval/tasks/items.ts';
import { tasksOf } from '../eval/tasks/load-task.ts';
import type { TaskGroup } from '../eval/tasks/task.ts';
import { trainingItems } from '../eval/tasks/training-items.ts';
import { conversationOf } from './task-conversations.ts';

interface AskedQuestion {
  readonly id: string;
  /** The kind of the question. */
  readonly source: string;
  readonly conversation: Conversation;
}

export async function documentQuestionConversations(
  group: TaskGroup,
  part: 'train' | 'heldOut',
  signal?: AbortSignal,
): Promise<readonly AskedQuestion[]> {
  const asked: AskedQuestion[] = [];
  for (const task of tasksOf(group)) {
    const read = part === 'train' ? trainingItems : itemsOf;
    for (const item of await read(task, { chat: true, signal })) {
      const conversation = conversationOf(task, item);
      if (conversation === undefined) throw new Error(`${item.id} has no answer`);
      asked.push({ id: item.id, source: item.slices.kind, conversation });
    }
  }
  return asked;
}
