/** Tasks with shorter answers than they ask for: a model that never learnt to end an answer writes each to its limit. */
import { createHash } from 'node:crypto';
import type { Task, TaskGroup } from './task.ts';

/** The same tasks with answers of at most so many tokens; what is cut off counts as wrong. */
export function withAnswersOf(loaded: Task | TaskGroup, tokens: number): Task | TaskGroup {
  if (loaded.kind === 'group') {
    return { ...loaded, members: loaded.members.map((member) => withAnswersOf(member, tokens)) };
  }
  const { config } = loaded;
  const { generation_kwargs: plain, chat_generation_kwargs: chat } = config;
  const most = (asked: number) => Math.min(asked, tokens);
  return {
    ...loaded,
    hash: createHash('sha256').update(`${loaded.hash}\nmax_gen_toks ${tokens}`).digest('hex'),
    config: {
      ...config,
      generation_kwargs: { ...plain, max_gen_toks: most(plain.max_gen_toks) },
      chat_generation_kwargs: { ...chat, max_gen_toks: most(chat.max_gen_toks ?? plain.max_gen_toks) },
    },
  };
}
