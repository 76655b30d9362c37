/**
 * What is used of `@huggingface/jinja`, with types: the package's own declarations import each other without file
 * extensions, which TypeScript does not follow under Node's rules. The interpreter is extended in
 * `tracing-interpreter.ts`, so its version is pinned.
 */

import * as library from '@huggingface/jinja';

/** The values of a running template. */
export type Value =
  | StringValue
  | ArrayValue
  | MapValue
  | FunctionValue
  | { readonly type: 'IntegerValue' | 'FloatValue'; readonly value: number }
  | { readonly type: 'BooleanValue'; readonly value: boolean }
  | { readonly type: 'NullValue'; readonly value: null }
  | { readonly type: 'UndefinedValue'; readonly value: undefined };

export interface StringValue {
  readonly type: 'StringValue';
  readonly value: string;
}

interface ArrayValue {
  readonly type: 'ArrayValue' | 'TupleValue';
  readonly value: readonly Value[];
}

interface MapValue {
  readonly type: 'ObjectValue' | 'KeywordArgumentsValue' | 'NamespaceValue';
  readonly value: ReadonlyMap<string, Value>;
}

export interface FunctionValue {
  readonly type: 'FunctionValue';
  /** Replaced in place to watch what macros write. */
  value: (args: Value[], scope: Environment) => Value;
}

/** The nodes of a parsed template that differ in how text flows through them; all others are left to the library. */
export type Node =
  | { readonly type: 'Program'; readonly body: readonly Node[] }
  | { readonly type: 'If'; readonly test: Node; readonly body: readonly Node[]; readonly alternate: readonly Node[] }
  | For
  | { readonly type: 'Set'; readonly assignee: Node; readonly value: Node | null; readonly body: readonly Node[] }
  | { readonly type: 'Macro'; readonly name: Identifier; readonly body: readonly Node[] }
  | { readonly type: 'CallStatement'; readonly call: Call; readonly body: readonly Node[] }
  | { readonly type: 'FilterStatement'; readonly filter: Identifier | Call; readonly body: readonly Node[] }
  | { readonly type: 'Comment' | 'Break' | 'Continue' }
  | Identifier
  | Call
  | Member
  | Slice
  | Binary
  | Filter
  | Settled
  | { readonly type: 'StringLiteral'; readonly value: string }
  | { readonly type: 'ArrayLiteral'; readonly value: readonly Node[] }
  | { readonly type: 'TestExpression'; readonly operand: Node; readonly test: Identifier }
  | { readonly type: 'KeywordArgumentExpression'; readonly key: Identifier; readonly value: Node }
  | { readonly type: 'SpreadExpression' | 'KeywordSpreadExpression'; readonly argument: Node }
  | { readonly type: 'SelectExpression'; readonly lhs: Node; readonly test: Node }
  | { readonly type: 'IntegerLiteral'; readonly value: number };

export interface For {
  readonly type: 'For';
  readonly loopvar: Node;
  readonly iterable: Node;
  readonly body: readonly Node[];
  readonly defaultBlock: readonly Node[];
}

interface Identifier {
  readonly type: 'Identifier';
  readonly value: string;
}

export interface Call {
  readonly type: 'CallExpression';
  readonly callee: Node;
  readonly args: readonly Node[];
}

export interface Member {
  readonly type: 'MemberExpression';
  readonly object: Node;
  readonly property: Node;
  readonly computed: boolean;
}

export interface Slice {
  readonly type: 'SliceExpression';
  readonly start: Node | undefined;
  readonly stop: Node | undefined;
  readonly step: Node | undefined;
}

interface Binary {
  readonly type: 'BinaryExpression';
  readonly operator: { readonly value: string };
  readonly left: Node;
  readonly right: Node;
}

export interface Filter {
  readonly type: 'FilterExpression';
  readonly operand: Node;
  readonly filter: Identifier | Call;
}

/** Ours: an expression that was evaluated already. */
export interface Settled {
  readonly type: 'Settled';
  readonly settled: Value;
}

export interface Environment {
  readonly variables: Map<string, Value>;
  /** Declares a variable from a JavaScript value. Throws if the name is taken. */
  set(name: string, value: unknown): Value;
  setVariable(name: string, value: Value): Value;
  lookupVariable(name: string): Value;
}

interface LibraryInterpreter {
  evaluate(node: Node | undefined, environment: Environment): Value;
}

interface Library {
  readonly Environment: new (parent?: Environment) => Environment;
  readonly Interpreter: new (global: Environment) => LibraryInterpreter;
  readonly tokenize: (
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ) => unknown;
  readonly parse: (tokens: unknown) => Node & { readonly type: 'Program' };
}

export const { Environment, Interpreter, tokenize, parse }: Library = library as unknown as Library;
