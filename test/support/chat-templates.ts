import { readFileSync } from 'node:fs';

interface Golden {
  readonly templates: Readonly<Record<string, string>>;
}

const path = new URL('../golden/chat-templates.json', import.meta.url);

/** The templates of scripts/goldens/chat_templates.py by name. */
export function goldenTemplates(): Readonly<Record<string, string>> {
  const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));
  return golden.templates;
}
