/**
 * Runs a template and writes down, for every part of its output, where that part came from.
 *
 * Values are the library's own, so that tests such as `'</think>' in message.content` see what they always see. Beside
 * each string stands its `TracedText`; the operations that cut and join strings are done here on both, and whatever is
 * left to the library makes text of the same source as its operand, or data of unknown source. What a template writes
 * goes to an output of ours and not through the strings that the library passes from block to block. This also keeps
 * what a loop wrote before `{% continue %}`, as Jinja2 does.
 *
 * A template reaches only the values it was given and the functions of `globals.ts`: member access is a look-up in a
 * `Map`, never on a JavaScript object. What it may use up is bounded by `Limits`.
 */

import { type CompiledTemplate, isGeneration } from './compile-template.ts';
import {
  type Call,
  Environment,
  type Filter,
  type For,
  type FunctionValue,
  Interpreter,
  type Member,
  type Node,
  type Settled,
  type Slice,
  type StringValue,
  type Value,
} from './jinja-library.ts';
import { COST, type Limits } from './limits.ts';
import { pythonEquals } from './python-equality.ts';
import { pythonText, spendOnValue } from './python-text.ts';
import { join, lengthOf, replace, split, strip } from './text-operations.ts';
import {
  append,
  commonSource,
  concat,
  type Piece,
  plain,
  type Source,
  TEMPLATE,
  type TracedText,
  UNKNOWN,
} from './traced-text.ts';

const STRIPS = { strip: 'both', lstrip: 'left', rstrip: 'right' } as const;
/** Deeper indentation than this is no layout. */
const MAX_INDENT = 64;

const settle = (settled: Value): Settled => ({ type: 'Settled', settled });

export class TracingInterpreter extends Interpreter {
  readonly #template: CompiledTemplate;
  readonly #limits: Limits;
  readonly #scope: Environment;
  readonly #texts = new WeakMap<Value, TracedText>();
  readonly #sources = new WeakMap<Value, Source>();
  readonly #watched = new WeakSet<Value>();
  #output: Piece[] = [];
  #turn: number | undefined;
  #isGenerated = false;

  constructor(template: CompiledTemplate, globals: Environment, limits: Limits) {
    super(globals);
    this.#template = template;
    this.#scope = globals;
    this.#limits = limits;
  }

  /** Says where a value and all that it holds came from. */
  label(value: Value, source: Source): void {
    this.#sources.set(value, source);
    if (value.type === 'StringValue') this.#texts.set(value, this.#pieces(value.value, source));
    if (value.value instanceof Map) for (const inner of value.value.values()) this.label(inner, source);
    if (Array.isArray(value.value)) for (const inner of value.value) this.label(inner, source);
  }

  /** Throws what the library or a function of the template throws, and `LimitError`. */
  render(): TracedText {
    const text = this.#capture(() => super.evaluate(this.#template.program, this.#scope));
    this.#limits.spendText(lengthOf(text));
    return text;
  }

  /** Called with every value before anything is done with it: where a stricter language may throw. */
  protected inspect(_node: Node, _value: Value): void {}

  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (node?.type === 'Settled') return node.settled;
    return this.#limits.nested(() => {
      this.#limits.spend(COST.node);
      const loopVariable = node && this.#template.loopStarts.get(node);
      if (loopVariable !== undefined) this.#enterTurn(environment.lookupVariable(loopVariable));
      const value = this.#evaluate(node, environment);
      if (node !== undefined) this.inspect(node, value);
      if (node === undefined || !this.#template.printed.has(node)) return value;
      this.#print(value);
      return this.#string([]);
    });
  }

  #evaluate(node: Node | undefined, environment: Environment): Value {
    switch (node?.type) {
      case 'StringLiteral':
        return this.#string(this.#pieces(node.value, TEMPLATE));
      case 'BinaryExpression': {
        const { operator } = node;
        if (!['+', '~', '==', '!='].includes(operator.value)) return super.evaluate(node, environment);
        const left = this.evaluate(node.left, environment);
        const right = this.evaluate(node.right, environment);
        if (operator.value === '+' || operator.value === '~') return this.#add(operator, left, right, environment);
        const isEqual = pythonEquals(left, right, this.#limits);
        return new Environment().set('result', isEqual === (operator.value === '=='));
      }
      case 'FilterExpression':
        return this.#filter(node, this.evaluate(node.operand, environment), environment);
      case 'CallExpression':
        return this.#call(node, environment);
      case 'MemberExpression':
        return this.#member(node, environment);
      case 'For':
        return this.#loop(node, environment);
      case 'Set': {
        if (node.value !== null) return super.evaluate(node, environment);
        const value = this.#string(this.#captureBody(node.body, environment));
        return super.evaluate({ ...node, value: settle(value) }, environment);
      }
      case 'Macro': {
        const nothing = super.evaluate(node, environment);
        const macro = environment.lookupVariable(node.name.value);
        if (macro.type === 'FunctionValue') this.#watch(macro);
        return nothing;
      }
      case 'CallStatement':
        return isGeneration(node) ? this.#generation(node.body, environment) : super.evaluate(node, environment);
      case 'FilterStatement': {
        const operand = this.#string(this.#captureBody(node.body, environment));
        return this.#filter(
          { type: 'FilterExpression', operand: settle(operand), filter: node.filter },
          operand,
          environment,
        );
      }
      default:
        return super.evaluate(node, environment);
    }
  }

  #enterTurn(item: Value): void {
    const source = this.#sources.get(item);
    if (source?.kind === 'content' && typeof source.message === 'number') this.#turn = source.message;
  }

  #loop(node: For, environment: Environment): Value {
    const turn = this.#turn;
    const { iterable } = node;
    const items = this.#iterable(
      this.evaluate(iterable.type === 'SelectExpression' ? iterable.lhs : iterable, environment),
      environment,
    );
    const count = items.value instanceof Map ? items.value.size : Array.isArray(items.value) ? items.value.length : 0;
    this.#limits.spend(count * COST.loopItem);
    const settled = settle(items);
    try {
      return super.evaluate(
        { ...node, iterable: iterable.type === 'SelectExpression' ? { ...iterable, lhs: settled } : settled },
        environment,
      );
    } finally {
      this.#turn = turn;
    }
  }

  /** Jinja2 also loops over nothing, for a name that is not defined, and over the characters of a string. */
  #iterable(value: Value, environment: Environment): Value {
    if (value.type !== 'UndefinedValue' && value.type !== 'StringValue') return value;
    const characters = this.#characters(this.#textOf(value), COST.string);
    return super.evaluate(
      { type: 'ArrayLiteral', value: characters.map((character) => settle(this.#string([character]))) },
      environment,
    );
  }

  /** What is set inside stays inside, as in the macro that transformers makes of the block. */
  #generation(body: readonly Node[], environment: Environment): Value {
    const wasGenerated = this.#isGenerated;
    this.#isGenerated = true;
    try {
      return super.evaluate({ type: 'Program', body }, new Environment(environment));
    } finally {
      this.#isGenerated = wasGenerated;
    }
  }

  #print(value: Value): void {
    const text = this.#textOf(value);
    this.#limits.spendText(lengthOf(text));
    const written = text.map((piece) => ({
      ...piece,
      turn: this.#turn ?? piece.turn,
      generated: piece.generated || this.#isGenerated,
    }));
    append(this.#output, written);
  }

  #capture(write: () => void): TracedText {
    const outer = this.#output;
    const inner: Piece[] = [];
    this.#output = inner;
    try {
      write();
      return inner;
    } finally {
      this.#output = outer;
    }
  }

  #captureBody(body: readonly Node[], environment: Environment): TracedText {
    return this.#capture(() => super.evaluate({ type: 'Program', body }, environment));
  }

  /** Makes a macro return what it writes, and the `caller` that a call block hands to it too. */
  #watch(macro: FunctionValue): void {
    if (this.#watched.has(macro)) return;
    this.#watched.add(macro);
    const run = macro.value;
    macro.value = (args, scope) => {
      const caller = scope.variables.get('caller');
      if (caller?.type === 'FunctionValue') this.#watch(caller);
      return this.#string(this.#capture(() => run(args, scope)));
    };
  }

  #add(operator: { readonly value: string }, left: Value, right: Value, environment: Environment): Value {
    const isText = operator.value === '~' || left.type === 'StringValue' || right.type === 'StringValue';
    const isAbsent = [left, right].some(({ type }) => type === 'NullValue' || type === 'UndefinedValue');
    if (!isText || (isAbsent && operator.value === '+')) {
      if (Array.isArray(left.value) && Array.isArray(right.value)) {
        this.#limits.spend((left.value.length + right.value.length) * COST.item);
      }
      return super.evaluate(
        { type: 'BinaryExpression', operator, left: settle(left), right: settle(right) },
        environment,
      );
    }
    const [before, after] = [this.#textOf(left), this.#textOf(right)];
    this.#limits.spendText(lengthOf(before) + lengthOf(after));
    this.#limits.spend((before.length + after.length) * COST.item);
    // Templates that gather their text in a variable print it after the loop, when the turn is no longer known.
    const text = concat(before, after).map((piece) => ({ ...piece, turn: piece.turn ?? this.#turn }));
    return this.#string(text);
  }

  #filter(node: Filter, operand: Value, environment: Environment): Value {
    const name = node.filter.type === 'Identifier' ? node.filter : node.filter.callee;
    const args = node.filter.type === 'Identifier' ? [] : node.filter.args;
    const filter = name.type === 'Identifier' ? name.value : '';
    if (filter === 'string') {
      return operand.type === 'StringValue' ? operand : this.#string(this.#textOf(operand));
    }
    if (operand.type === 'StringValue') {
      if (filter === 'trim') return this.#stripped(operand, 'both', this.#arguments(args, environment));
      if (filter === 'replace') return this.#replaced(operand, this.#arguments(args, environment));
    }
    if (filter === 'indent' || filter === 'tojson')
      this.#spendOnLayout(filter, operand, this.#arguments(args, environment));
    if (filter === 'join' && (Array.isArray(operand.value) || operand.type === 'StringValue')) {
      const { positional, named } = this.#arguments(args, environment);
      if (named.has('attribute') || positional.length > 1) throw new Error('join by an attribute: use map before it');
      const separator = positional[0] ?? named.get('d') ?? named.get('separator');
      const items = this.#iterable(operand, environment).value as readonly Value[];
      const texts = items.map((item) => this.#textOf(item));
      return this.#string(join(texts, separator === undefined ? [] : this.#textOf(separator), this.#limits));
    }
    this.#limits.spend(COST.methods + sizeOf(operand));
    // The first item of an empty list is no value at all in the library.
    const value: Value | undefined = super.evaluate({ ...node, operand: settle(operand) }, environment);
    return value === undefined ? super.evaluate(undefined, environment) : this.#derived(value, [operand]);
  }

  /** Pays for what `indent` and `tojson` may add to their operand. */
  #spendOnLayout(filter: string, operand: Value, { positional, named }: Arguments): void {
    const width = positional[0] ?? named.get('width') ?? named.get('indent');
    const separators = named.get('separators');
    const widths = [width, ...(Array.isArray(separators?.value) ? (separators.value as readonly Value[]) : [])];
    for (const value of widths) {
      const size = typeof value?.value === 'string' ? value.value.length : Number(value?.value ?? 0);
      if (!(size <= MAX_INDENT)) throw new Error(`${filter} by ${size} where at most ${MAX_INDENT} is allowed`);
    }
    if (filter === 'tojson') spendOnValue(operand, this.#limits, MAX_INDENT);
    else if (operand.type === 'StringValue') this.#limits.spend(operand.value.split('\n').length * MAX_INDENT);
  }

  #call(node: Call, environment: Environment): Value {
    const { callee } = node;
    const member = callee.type === 'MemberExpression' ? callee : undefined;
    const object = member && this.evaluate(member.object, environment);
    const method = member && this.#memberName(member, environment);
    if (object?.type === 'StringValue') {
      if (method === 'strip' || method === 'lstrip' || method === 'rstrip') {
        return this.#stripped(object, STRIPS[method], this.#arguments(node.args, environment));
      }
      if (method === 'split') return this.#splitText(object, this.#arguments(node.args, environment), environment);
      if (method === 'replace') return this.#replaced(object, this.#arguments(node.args, environment));
    }
    this.#limits.spend(object ? COST.methods + sizeOf(object) : 0);
    const inputs: Value[] = object ? [object] : [];
    const args = node.args.map((arg): Node => {
      const inner = arg.type === 'KeywordArgumentExpression' ? arg.value : 'argument' in arg ? arg.argument : arg;
      const value = this.evaluate(inner, environment);
      inputs.push(value);
      this.#limits.spend(sizeOf(value));
      if (arg.type === 'KeywordArgumentExpression') return { ...arg, value: settle(value) };
      return 'argument' in arg ? { ...arg, argument: settle(value) } : settle(value);
    });
    // A method is taken from the library itself: `#member` lets none be kept for later, when nobody pays for its work.
    const called = member && object && super.evaluate({ ...member, object: settle(object) }, environment);
    return this.#derived(
      super.evaluate({ ...node, callee: called ? settle(called) : callee, args }, environment),
      inputs,
    );
  }

  #memberName({ computed, property }: Member, environment: Environment): string | undefined {
    if (!computed) return property.type === 'Identifier' ? property.value : undefined;
    const name = property.type === 'SliceExpression' ? undefined : this.evaluate(property, environment);
    return name?.type === 'StringValue' ? name.value : undefined;
  }

  #member(node: Member, environment: Environment): Value {
    const object = this.evaluate(node.object, environment);
    if (node.property.type === 'SliceExpression') {
      this.#limits.spend(sizeOf(object));
      const bounds = this.#settledSlice(node.property, environment);
      const sliced = { ...node, object: settle(object), property: bounds };
      if (object.type !== 'StringValue') return super.evaluate(sliced, environment);
      return this.#slicedText(object, sliced, environment);
    }
    if (object.type === 'StringValue' || object.type === 'FunctionValue') this.#limits.spend(COST.methods);
    else if (object.value instanceof Map) this.#limits.spend(COST.item);
    const value = super.evaluate({ ...node, object: settle(object) }, environment);
    if (value.type === 'FunctionValue' && !this.#watched.has(value)) throw new Error('a method that is not called');
    return this.#derived(value, [object]);
  }

  #settledSlice(slice: Slice, environment: Environment): Slice {
    const bound = (node: Node | undefined): Settled | undefined => node && settle(this.evaluate(node, environment));
    return { ...slice, start: bound(slice.start), stop: bound(slice.stop), step: bound(slice.step) };
  }

  /** Slices the characters, each with its source: the library knows Python's rules for bounds and steps. */
  #slicedText(text: StringValue, node: Member, environment: Environment): Value {
    if (this.#textOf(text).length === 1) {
      this.#limits.spend(text.value.length * 2 * COST.item);
      return this.#derived(super.evaluate(node, environment), [text]);
    }
    const characters = this.#characters(this.#textOf(text), 4 * COST.node);
    const places: Node = {
      type: 'ArrayLiteral',
      value: characters.map((_, i): Node => ({ type: 'IntegerLiteral', value: i })),
    };
    const object = settle(super.evaluate(places, environment));
    const chosen = super.evaluate({ ...node, object }, environment);
    const indices = Array.isArray(chosen.value) ? (chosen.value as readonly Value[]) : [];
    return this.#string(concat(indices.map(({ value }) => characters[Number(value)])));
  }

  #characters(text: TracedText, cost: number): Piece[] {
    this.#limits.spend(lengthOf(text) * cost);
    return text.flatMap((piece) => Array.from(piece.text, (character) => ({ ...piece, text: character })));
  }

  #stripped(text: StringValue, side: 'both' | 'left' | 'right', { positional, named }: Arguments): Value {
    const characters = positional[0] ?? named.get('chars');
    if (characters === undefined || characters.type === 'NullValue') {
      return this.#string(strip(this.#textOf(text), side));
    }
    return this.#string(strip(this.#textOf(text), side, asString(characters, 'characters to strip')));
  }

  #splitText(text: StringValue, { positional, named }: Arguments, environment: Environment): Value {
    const separator = positional[0] ?? named.get('sep');
    const most = positional[1] ?? named.get('maxsplit');
    const by = separator === undefined || separator.type === 'NullValue' ? undefined : asString(separator, 'separator');
    if (by === '') throw new Error('empty separator');
    const parts = split(this.#textOf(text), by, most === undefined ? -1 : asInteger(most), this.#limits);
    const value = parts.map((part): Node => settle(this.#string(part)));
    return super.evaluate({ type: 'ArrayLiteral', value }, environment);
  }

  #replaced(text: StringValue, { positional, named }: Arguments): Value {
    const [old, replacement] = positional;
    if (old === undefined || replacement === undefined) throw new Error('replace() requires two arguments');
    const count = positional[2] ?? named.get('count');
    const most = count === undefined || count.type === 'NullValue' ? -1 : asInteger(count);
    asString(replacement, 'replacement');
    return this.#string(
      replace(this.#textOf(text), asString(old, 'text to replace'), this.#textOf(replacement), most, this.#limits),
    );
  }

  #arguments(args: readonly Node[], environment: Environment): Arguments {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    for (const arg of args) {
      if (arg.type === 'KeywordArgumentExpression') named.set(arg.key.value, this.evaluate(arg.value, environment));
      else if ('argument' in arg) throw new Error('unpacked arguments of a string method');
      else positional.push(this.evaluate(arg, environment));
    }
    return { positional, named };
  }

  /** Gives a string that the library made the source of what it was made from. */
  #derived(value: Value, inputs: readonly Value[]): Value {
    if (value.type !== 'StringValue' || this.#texts.has(value)) return value;
    this.#limits.spendText(value.value.length);
    const sources = new Set(inputs.map((input) => this.#sourceOf(input)));
    sources.delete(TEMPLATE);
    const [source = TEMPLATE, ...others] = sources;
    this.#texts.set(value, this.#pieces(value.value, others.length > 0 ? UNKNOWN : source));
    return value;
  }

  #sourceOf(value: Value): Source {
    if (value.type === 'StringValue') return commonSource(this.#textOf(value));
    const isContainer = typeof value.value === 'object' && value.value !== null;
    return this.#sources.get(value) ?? (isContainer ? UNKNOWN : TEMPLATE);
  }

  #textOf(value: Value): TracedText {
    if (value.type !== 'StringValue') return this.#pieces(pythonText(value, this.#limits), this.#sourceOf(value));
    // A string that nobody labelled is a key of some object, or a part that the library cut out.
    return this.#texts.get(value) ?? this.#pieces(value.value, UNKNOWN);
  }

  #pieces(text: string, source: Source): TracedText {
    const turn = source === TEMPLATE ? this.#turn : undefined;
    return text === '' ? [] : [{ text, source, turn, generated: false }];
  }

  #string(text: TracedText): Value {
    const value = super.evaluate({ type: 'StringLiteral', value: plain(text) }, this.#scope);
    this.#texts.set(value, text);
    return value;
  }
}

interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

function asString(value: Value, what: string): string {
  if (value.type !== 'StringValue') throw new Error(`the ${what} must be a string`);
  return value.value;
}

function asInteger(value: Value): number {
  if (value.type !== 'IntegerValue') throw new Error('a count must be an integer');
  return value.value;
}

/** The cost of a shallow copy. */
function sizeOf({ value }: Value): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Map) return value.size * 8 * COST.item;
  return Array.isArray(value) ? value.length * COST.item : 0;
}
