/**
 * Where checkpoints keep their chat templates. Newer files win: `chat_template.jinja`, with further ones by name in
 * `additional_chat_templates/`; `chat_template.json`; `chat_template` in `tokenizer_config.json`, which is one template
 * or a list of named ones.
 */

import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asArray, asRecord, asText, describe, type JsonRecord, parseJsonRecord, refuse } from '../json-fields.ts';
import type { TokenizerFile } from '../tokenizer.ts';
import { MAX_TEMPLATE_LENGTH } from './limits.ts';
import type { JsonObject } from './messages.ts';

export interface TemplateSources {
  /** Jinja by name; the usual one is called `default`. Empty if the checkpoint has none. */
  readonly templates: ReadonlyMap<string, string>;
  /** Under the names that templates know them by, such as `bos_token`. */
  readonly specialTokens: JsonObject;
}

const CONFIG = 'tokenizer_config.json';
const SPECIAL_TOKENS_MAP = 'special_tokens_map.json';
const JINJA = 'chat_template.jinja';
const JSON_FILE = 'chat_template.json';
const ADDITIONAL = 'additional_chat_templates';
const MAX_FILE_BYTES = 32 * 2 ** 20;
const MAX_TEMPLATES = 64;
const MAX_NAME = 256;
const ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map((role) => `${role}_token`);

/** The files of a folder that `sourcesOf` reads. Throws an `InputError` for a file that is too large. */
export async function readTemplateFiles(folder: string): Promise<readonly TokenizerFile[]> {
  const listed = await readdir(join(folder, ADDITIONAL)).catch(() => []);
  const additional = listed.filter((name) => name.endsWith('.jinja')).sort();
  if (additional.length > MAX_TEMPLATES) {
    refuse(join(folder, ADDITIONAL), `${additional.length} templates`, `at most ${MAX_TEMPLATES}`);
  }
  const names = [CONFIG, SPECIAL_TOKENS_MAP, JINJA, JSON_FILE, ...additional.map((name) => `${ADDITIONAL}/${name}`)];
  const files: TokenizerFile[] = [];
  for (const name of names) {
    const bytes = await readIfPresent(join(folder, name));
    if (bytes !== undefined) files.push({ name, bytes });
  }
  return files;
}

/** Throws an `InputError` that names the file and field. */
export function sourcesOf(files: readonly TokenizerFile[]): TemplateSources {
  const bytesOf = (name: string): Uint8Array | undefined => files.find((file) => file.name === name)?.bytes;
  const jsonOf = (name: string): JsonRecord => {
    const bytes = bytesOf(name);
    return bytes === undefined ? {} : parseJsonRecord(bytes, name);
  };
  const config = jsonOf(CONFIG);
  const templates = new Map<string, string>();
  addNamed(templates, config.chat_template, `${CONFIG}:chat_template`);
  addNamed(templates, jsonOf(JSON_FILE).chat_template, `${JSON_FILE}:chat_template`);
  for (const { name, bytes } of files) {
    const additional = /^additional_chat_templates\/([^/]+)\.jinja$/.exec(name)?.[1];
    if (additional !== undefined) templates.set(additional, templateText(utf8(bytes, name), name));
  }
  const main = bytesOf(JINJA);
  if (main !== undefined) templates.set('default', templateText(utf8(main, JINJA), JINJA));
  return { templates, specialTokens: { ...specialTokens(jsonOf(SPECIAL_TOKENS_MAP)), ...specialTokens(config) } };
}

function addNamed(templates: Map<string, string>, value: unknown, field: string): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string') {
    templates.set('default', templateText(value, field));
    return;
  }
  for (const [i, entry] of asArray(value, field, MAX_TEMPLATES).entries()) {
    const { name, template } = asRecord(entry, `${field}.${i}`);
    templates.set(asText(name, `${field}.${i}.name`, MAX_NAME), templateText(template, `${field}.${i}.template`));
  }
}

const templateText = (value: unknown, field: string): string => asText(value, field, MAX_TEMPLATE_LENGTH);

function specialTokens(config: JsonRecord): JsonObject {
  const tokens: [string, string][] = [];
  for (const role of ROLES) {
    const value = config[role];
    if (value === undefined || value === null || value === false) continue;
    const content = typeof value === 'object' && 'content' in value ? value.content : value;
    if (typeof content !== 'string') refuse(role, describe(content), 'a token');
    tokens.push([role, asText(content, role, MAX_NAME)]);
  }
  return Object.fromEntries(tokens);
}

function utf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(file, 'bytes that are not UTF-8', 'text');
  }
}

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const info = await handle.stat();
    if (!info.isFile()) refuse(path, 'something that is not a file', 'a file');
    if (info.size > MAX_FILE_BYTES) refuse(path, `${info.size} bytes`, `at most ${MAX_FILE_BYTES}`);
    // Reads what was measured, even if the file grows meanwhile.
    const bytes = new Uint8Array(info.size);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
