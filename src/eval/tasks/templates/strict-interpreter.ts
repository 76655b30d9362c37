/**
 * Jinja with `StrictUndefined`, as lm-evaluation-harness runs it: a name that the document lacks is an error and not
 * an empty text. `x is defined` and `x | default(...)` may ask for it. Stricter than Jinja2 in one thing: a missing name
 * is an error even where nothing is done with it, as in `{% set a = missing %}`.
 */
import type { CompiledTemplate } from '../../../tokenizer/chat/compile-template.ts';
import type { Environment, Node, Value } from '../../../tokenizer/chat/jinja-library.ts';
import type { Limits } from '../../../tokenizer/chat/limits.ts';
import { TracingInterpreter } from '../../../tokenizer/chat/tracing-interpreter.ts';
import { childNodes } from './child-nodes.ts';

const ASKING_TESTS: readonly string[] = ['defined', 'undefined'];
const ASKING_FILTERS: readonly string[] = ['default', 'd'];

/** The expressions of a program that may be undefined. */
export function mayBeUndefined(program: Node): ReadonlySet<Node> {
  const found = new Set<Node>();
  const visit = (node: Node): void => {
    if (node.type === 'TestExpression' && ASKING_TESTS.includes(node.test.value)) found.add(node.operand);
    if (node.type === 'FilterExpression') {
      const { filter } = node;
      const name = filter.type === 'Identifier' ? filter : filter.callee;
      if (name.type === 'Identifier' && ASKING_FILTERS.includes(name.value)) found.add(node.operand);
    }
    for (const child of childNodes(node)) visit(child);
  };
  visit(program);
  return found;
}

export class StrictInterpreter extends TracingInterpreter {
  readonly #tolerated: ReadonlySet<Node>;

  constructor(template: CompiledTemplate, tolerated: ReadonlySet<Node>, globals: Environment, limits: Limits) {
    super(template, globals, limits);
    this.#tolerated = tolerated;
  }

  protected override inspect(node: Node, value: Value): void {
    if (value.type !== 'UndefinedValue' || this.#tolerated.has(node)) return;
    if (node.type === 'Identifier') throw new Error(`'${node.value}' is undefined`);
    if (node.type === 'MemberExpression') throw new Error(`${nameOf(node)} is undefined`);
  }
}

/** As in `document.table.rows`, for messages. */
function nameOf(node: Node): string {
  if (node.type === 'Identifier') return node.value;
  if (node.type !== 'MemberExpression') return '(...)';
  if (!node.computed) return `${nameOf(node.object)}.${nameOf(node.property)}`;
  const { property } = node;
  const key = property.type === 'StringLiteral' || property.type === 'IntegerLiteral' ? property.value : '...';
  return `${nameOf(node.object)}[${JSON.stringify(key)}]`;
}
