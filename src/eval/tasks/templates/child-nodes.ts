/** Walks programs whatever their nodes are: a node is an object with a `type`, held by others directly, in lists or in maps. */
import type { Node } from '../../../tokenizer/chat/jinja-library.ts';

export function* childNodes(node: Node): Generator<Node> {
  for (const value of Object.values(node)) yield* nodesIn(value);
}

/** The names that a program reads or sets. */
export function namesIn(program: Node): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    if (node.type === 'Identifier') names.add(node.value);
    for (const child of childNodes(node)) visit(child);
  };
  visit(program);
  return names;
}

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const inner of value) yield* nodesIn(inner);
  else if (value instanceof Map) {
    for (const [key, inner] of value) {
      yield* nodesIn(key);
      yield* nodesIn(inner);
    }
  } else if (isNode(value)) yield value;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
