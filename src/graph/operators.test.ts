import { afterAll, describe, expect, it } from 'vitest';
import { toOnnx } from '../onnx/model-proto.ts';
import { Engine } from '../runtime/engine.ts';
import { gradients } from './backward.ts';
import { Graph } from './graph.ts';
import { interpret } from './interpret.ts';
import { type CaseInput, type Operator, type OperatorCase, operators } from './operator.ts';
import './ops/all.ts';
import { mul } from './ops/elementwise.ts';
import { sum } from './ops/reduce.ts';
import { elementCount, type Tensor } from './tensor.ts';

/** Deterministic values in [low, high]; the fractional parts of multiples of the golden ratio never repeat. */
function draw({ shape, values, low = -2, high = 2 }: CaseInput, salt: number): Float64Array {
  if (values) return Float64Array.from(values);
  return Float64Array.from({ length: elementCount(shape) }, (_, i) => {
    const unit = ((i + 1) * 0.6180339887498949 + salt * 0.7548776662466927) % 1;
    return low + (high - low) * unit;
  });
}

function build(operator: Operator, example: OperatorCase) {
  const graph = new Graph();
  const inputs = example.inputs.map((input, i) => graph.input(`x${i}`, input.dtype ?? 'f32', input.shape));
  const output = graph.apply(operator, inputs, example.attributes);
  const feeds = Object.fromEntries(example.inputs.map((input, i) => [`x${i}`, draw(input, i + 1)]));
  return { graph, inputs, output, feeds };
}

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

async function execute(outputs: Record<string, Tensor>, feeds: Record<string, Float64Array>) {
  const segment = engine.compile('case', toOnnx(outputs));
  const bindings = Object.fromEntries(
    [...segment.inputs, ...segment.outputs].map(([name, type]) => [name, engine.buffer(type)]),
  );
  for (const name of segment.inputs.keys()) bindings[name].array.set(feeds[name]);
  const run = segment.bind(bindings);
  await run();
  const first = Object.keys(outputs).map((name) => bindings[name].array.slice());
  await run();
  // Reductions and scatters must give the same bits each time.
  Object.keys(outputs).forEach((name, i) => {
    expect(bindings[name].array).toEqual(first[i]);
  });
  return first;
}

const listed = [...operators().values()].filter(({ name }) => name !== 'input');

describe.each(listed.map((operator) => [operator.name, operator] as const))('%s', (_name, operator) => {
  const cases = operator.cases.map((example, i) => [`case ${i}`, example] as const);

  it('has cases', () => expect(cases.length).toBeGreaterThan(0));

  it.each(cases)('%s: ONNX Runtime agrees with the reference kernel', async (_label, example) => {
    const { output, feeds } = build(operator, example);
    const [expected] = interpret([output], feeds);
    const [actual] = await execute({ y: output }, feeds);
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
    });
  });

  if (operator.gradient === 'none') return;
  it.each(cases)('%s: gradients agree with central differences in float64', async (_label, example) => {
    const { graph, inputs, output, feeds } = build(operator, example);
    const weights = draw({ shape: output.shape }, 11);
    const upstream = graph.input('upstream', 'f32', output.shape);
    const loss = sum(mul(output, upstream));
    const allFeeds = { ...feeds, upstream: weights };
    const floats = inputs.filter((input, i) => input.dtype === 'f32' && !isTable(operator, i));
    const computed = gradients([{ of: output, upstream }], floats);
    const found = computed.filter((gradient): gradient is Tensor => gradient !== undefined);
    expect(found.length).toBe(floats.length);
    const analytic = interpret(found, allFeeds);
    floats.forEach((input, k) => {
      const name = input.attributes.name as string;
      const step = 1e-5;
      analytic[k].forEach((derivative, i) => {
        const at = (delta: number) => {
          const moved = Float64Array.from(feeds[name]);
          moved[i] += delta;
          return interpret([loss], { ...allFeeds, [name]: moved })[0][0];
        };
        const numeric = (at(step) - at(-step)) / (2 * step);
        expect(Math.abs(derivative - numeric)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(numeric)));
      });
    });
    // The gradient graph must also lower to what the reference kernels computed.
    const executed = await execute(Object.fromEntries(found.map((gradient, k) => [`g${k}`, gradient])), allFeeds);
    analytic.forEach((values, k) => {
      values.forEach((value, i) => {
        expect(Math.abs(executed[k][i] - value)).toBeLessThanOrEqual(5e-6 * Math.max(1, Math.abs(value)));
      });
    });
  });
});

/** Rotary tables and attention masks follow from the batch: no gradient is defined for them. */
const isTable = (operator: Operator, index: number) =>
  (operator.name === 'rotary' && index > 0) || (operator.name === 'attention' && index > 2);
