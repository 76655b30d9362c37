/** The chat template of the result: one by name, one written out, or the one that most models of the merge have. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import type { MergeRecipe } from '../recipe/merge-recipe.ts';

/** The usual forms of conversations, as templates of their own. */
const named: Readonly<Record<string, string>> = {
  chatml: [
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}",
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  ].join(''),
  llama3: [
    '{{ bos_token }}',
    "{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}",
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
  ].join(''),
  mistral: [
    '{{ bos_token }}',
    "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ ' ' + message['content'] | trim + eos_token }}",
    "{% else %}{{ '[INST] ' + message['content'] | trim + ' [/INST]' }}{% endif %}{% endfor %}",
  ].join(''),
  alpaca: [
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}",
    "{% elif message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n\\n' }}",
    "{% else %}{{ '### Response:\\n' + message['content'] + eos_token + '\\n\\n' }}{% endif %}{% endfor %}",
    "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}",
  ].join(''),
  exaone: [
    "{% for message in messages %}{{ '[|' + message['role'] + '|]' + message['content'] }}",
    "{{ '\\n' if message['role'] == 'user' else '[|endofturn|]\\n' }}{% endfor %}",
    "{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}",
  ].join(''),
};

const shortestTemplate = 20;
const longestTemplate = 2 ** 20;

/**
 * @param folders of the models, in the order of the recipe
 * @returns undefined where the recipe does not speak of it, or no model has one
 * @throws UsageError for what is neither a name nor a template
 */
export async function chatTemplateOf(recipe: MergeRecipe, folders: readonly string[]): Promise<string | undefined> {
  const { chatTemplate: wanted } = recipe;
  if (wanted === undefined) return undefined;
  if (wanted === 'auto') return mostCommon(await Promise.all(folders.map(templateIn)));
  if (Object.hasOwn(named, wanted)) return named[wanted];
  if (wanted.length >= shortestTemplate && wanted.includes('{')) return wanted;
  throw new UsageError({
    field: recipe.at(['chat_template']),
    found: JSON.stringify(wanted),
    expected: `auto, ${Object.keys(named).join(', ')}, or a Jinja template`,
    fix: 'Name one of them or write the template out.',
  });
}

async function templateIn(folder: string): Promise<string | undefined> {
  const file = join(folder, 'chat_template.jinja');
  if ((await exists(file)) && (await stat(file)).size <= longestTemplate) return readFile(file, 'utf8');
  const config = join(folder, 'tokenizer_config.json');
  if (!(await exists(config))) return undefined;
  const { chat_template: template } = await readJsonObject(config);
  return typeof template === 'string' ? template : undefined;
}

/** Of equally common ones the first. */
function mostCommon(templates: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const template of templates) if (template !== undefined) counts.set(template, (counts.get(template) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
