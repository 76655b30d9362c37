/** Which tokens end an answer: what the configuration names, and what the chat template writes after an answer. */
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import type { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

/**
 * `eos_token_id` of `generation_config.json`, else of `config.json`, and the tokenizer's end token.
 * @throws InputError for an `eos_token_id` that is no id of the vocabulary
 */
export async function configuredEnds(folder: string, config: JsonObject, tokenizer: Tokenizer): Promise<number[]> {
  const path = join(folder, 'generation_config.json');
  const generation = (await exists(path)) ? await readJsonObject(path) : {};
  const [file, value] =
    generation.eos_token_id == null ? ['config.json', config.eos_token_id] : [path, generation.eos_token_id];
  const named: readonly unknown[] = value == null ? [] : Array.isArray(value) ? value : [value];
  const ids = new Set<number>();
  for (const id of named) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= tokenizer.vocabSize) {
      throw new InputError({
        field: `${file}, eos_token_id`,
        found: String(JSON.stringify(id)).slice(0, 80),
        expected: `an id from 0 to ${tokenizer.vocabSize - 1}`,
        fix: 'Correct the file: an answer would never end there.',
      });
    }
    ids.add(id);
  }
  if (tokenizer.eosId !== undefined) ids.add(tokenizer.eosId);
  return [...ids];
}

/** A conversation of which only the frame matters, after its answer. */
export const probeConversation = [
  { role: 'user', content: 'Is that so?' },
  { role: 'assistant', content: 'Yes.' },
] as const;

/**
 * The control token that a template writes at the end of an answer; undefined where it writes none, or refuses the
 * shortest of conversations.
 */
export async function turnEnd(template: ChatTemplate, tokenizer: Tokenizer): Promise<number | undefined> {
  const { content } = probeConversation[1];
  try {
    const { spans } = await template.render(probeConversation);
    const answer = spans.findLastIndex(({ text, source }) => source === 'content' && text.includes(content));
    if (answer < 0) return undefined;
    const after = spans.slice(answer + 1).map(({ text }) => text);
    const ids = tokenizer.encode(after.join('').trimStart(), { addSpecialTokens: false, allowSpecial: true });
    return tokenizer.controlIds.has(ids[0]) ? ids[0] : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
