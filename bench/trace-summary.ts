/**
 * Where the time of the runtime goes, from the traces that `--profile` of bench/train-step.ts leaves: shares by operator,
 * and the speed of matrix products by their form. Two Markdown tables on stdout.
 *
 *   node --import tsx bench/train-step.ts 30m --profile FOLDER/t
 *   node --import tsx bench/trace-summary.ts FOLDER/t.*.json
 *
 * An operator with given shapes counts with the median of its runs, times their number: a run that another program
 * interrupted says nothing about it. A trace has no attributes, so what is transposed is read off the shapes; a square
 * matrix on the left counts as it is.
 */
import { readFileSync } from 'node:fs';

interface NodeEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: {
    readonly op_name: string;
    readonly input_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** All runs of one operator of one segment with the same shapes. */
interface Group {
  readonly operator: string;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly microseconds: number[];
}

const products = new Set(['MatMul', 'FusedMatMul', 'Gemm']);

const forms = {
  transposed: 'left side transposed (gradients of weights)',
  plain: 'left side as it is',
  batched: 'many small ones (attention)',
} as const;
type Form = keyof typeof forms;

function groupsOf(files: readonly string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const file of files) {
    const events: readonly NodeEvent[] = JSON.parse(readFileSync(file, 'utf8'));
    for (const { cat, name, dur, args } of events) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      const shapes = (types: NodeEvent['args']['input_type_shape']) => types.map((type) => Object.values(type)[0]);
      const [inputs, [output]] = [shapes(args.input_type_shape), shapes(args.output_type_shape)];
      const key = JSON.stringify([file, args.op_name, inputs, output]);
      const group = groups.get(key) ?? { operator: args.op_name, inputs, output, microseconds: [] };
      group.microseconds.push(dur);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** Seconds. */
function timeOf({ microseconds }: Group): number {
  const sorted = microseconds.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] * sorted.length) / 1e6;
}

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Length of the sums of a product: left [.., m, k] or [.., k, m], output [.., m, n]. */
const depthOf = ({ inputs: [left], output }: Group): number => (count(left) * output.at(-1)!) / count(output);

function formOf(group: Group): Form {
  const { inputs, output } = group;
  if (output.length > 2) return 'batched';
  return inputs[0][1] === depthOf(group) ? 'plain' : 'transposed';
}

const operationsOf = (group: Group): number => 2 * count(group.output) * depthOf(group) * group.microseconds.length;

function sums<Name extends string>(
  groups: readonly Group[],
  name: (group: Group) => Name,
  value: (g: Group) => number,
) {
  const found = new Map<Name, number>();
  for (const group of groups) found.set(name(group), (found.get(name(group)) ?? 0) + value(group));
  return found;
}

const groups = groupsOf(process.argv.slice(2));
const total = groups.reduce((sum, group) => sum + timeOf(group), 0);
const share = (seconds: number) => `${((100 * seconds) / total).toFixed(1)}%`;
const byTime = (times: ReadonlyMap<string, number>) => [...times].sort(([, a], [, b]) => b - a);

const ofProducts = groups.filter(({ operator }) => products.has(operator));
const times = sums(ofProducts, formOf, timeOf);
const operations = sums(ofProducts, formOf, operationsOf);
const allProducts = [...times.values()].reduce((sum, seconds) => sum + seconds, 0);
const lines = [
  `| matrix products | share of ${total.toFixed(2)} s | GFLOP/s |`,
  '| --- | ---: | ---: |',
  ...[...times].map(([form, seconds]) => {
    return `| ${forms[form]} | ${share(seconds)} | ${(operations.get(form)! / seconds / 1e9).toFixed(0)} |`;
  }),
  `| all | ${share(allProducts)} | ${([...operations.values()].reduce((a, b) => a + b, 0) / allProducts / 1e9).toFixed(0)} |`,
  '',
  '| operator | share |',
  '| --- | ---: |',
  ...byTime(sums(groups, ({ operator }) => operator, timeOf))
    .filter(([, seconds]) => seconds >= total / 200)
    .map(([operator, seconds]) => `| ${operator} | ${share(seconds)} |`),
];
process.stdout.write(`${lines.join('\n')}\n`);
