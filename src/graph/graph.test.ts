import { describe, expect, it } from 'vitest';
import { toOnnx } from '../onnx/model-proto.ts';
import { gradients } from './backward.ts';
import { Graph, GraphError, liveNodes } from './graph.ts';
import { interpret } from './interpret.ts';
import { add, mul, silu, stopGradient } from './ops/elementwise.ts';
import { matmul } from './ops/linear.ts';
import { rmsNorm } from './ops/normalize.ts';
import { sum } from './ops/reduce.ts';
import { slice } from './ops/shape.ts';
import { printGraph } from './print.ts';
import type { Tensor } from './tensor.ts';

/** A gated layer: small enough to read its printed form. */
function gatedLayer() {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [2, 4]);
  const weight = graph.input('w', 'f32', [3, 4]);
  const gain = graph.input('g', 'f32', [4]);
  const projected = matmul(rmsNorm(x, gain, 1e-6), weight, { transB: true });
  return { graph, x, weight, gain, output: mul(silu(projected), projected) };
}

describe('building', () => {
  it('names operator, shapes and the line of the model where shapes do not fit', () => {
    const graph = new Graph();
    const a = graph.input('a', 'f32', [2, 3]);
    const b = graph.input('b', 'f32', [4, 5]);
    const build = () => matmul(a, b);
    expect(build).toThrow(GraphError);
    expect(build).toThrow(/matmul.*f32\[2,3\], f32\[4,5\].*built at .*graph\.test\.ts:\d+/s);
    expect(() => add(a, b)).toThrow(/f32\[2,3\], f32\[4,5\]/);
  });

  it('refuses two inputs of one name, sizes that are none, and tensors of another graph', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    expect(() => graph.input('x', 'f32', [2])).toThrow(/declared twice/);
    expect(() => graph.input('y', 'f32', [0])).toThrow(/positive whole number/);
    expect(() => add(x, new Graph().input('x', 'f32', [2]))).toThrow(/different graphs/);
  });

  it('makes an expression once, however often it is written', () => {
    const { graph, x, output } = gatedLayer();
    expect(mul(x, x)).toBe(mul(x, x));
    expect(add(output, graph.constant(1))).toBe(add(output, graph.constant(1)));
    expect(add(output, graph.constant(1))).not.toBe(add(output, graph.constant(2)));
  });
});

describe('printed form', () => {
  it('is the golden text, forwards and backwards', () => {
    const { graph, x, weight, gain, output } = gatedLayer();
    const upstream = graph.input('d.output', 'f32', output.shape);
    const [dx, dw, dg] = gradients([{ of: output, upstream }], [x, weight, gain]) as Tensor[];
    expect(printGraph({ output })).toMatchSnapshot('forward');
    expect(printGraph({ 'd.x': dx, 'd.w': dw, 'd.g': dg })).toMatchSnapshot('backward');
  });

  it('does not depend on what else was built', () => {
    const plain = gatedLayer();
    const crowded = gatedLayer();
    for (let i = 0; i < 5; i++) mul(crowded.x, crowded.graph.constant(i));
    expect(printGraph({ output: crowded.output })).toBe(printGraph({ output: plain.output }));
  });
});

describe('what is lowered', () => {
  it('has no node that no output needs', () => {
    const { x, output } = gatedLayer();
    const dead = mul(x, x);
    expect(liveNodes([output])).not.toContain(dead);
    const { inputs } = toOnnx({ doubled: add(dead, dead) });
    expect([...inputs.keys()]).toEqual(['x']);
  });
});

describe('gradients', () => {
  it('stop where they are stopped, and only there', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [3]);
    const upstream = graph.constant(1);
    const through = sum(mul(stopGradient(x), x));
    const [derivative] = gradients([{ of: through, upstream }], [x]);
    expect(printGraph({ derivative: derivative! })).not.toBe(
      printGraph({ derivative: gradients([{ of: sum(mul(x, x)), upstream }], [x])[0]! }),
    );
    expect(gradients([{ of: sum(stopGradient(x)), upstream }], [x])).toEqual([undefined]);
  });

  it.each([
    [
      'that cover it',
      [
        [0, 1],
        [1, 3],
        [3, 6],
      ],
      { concat: 1, pad: 0 },
    ],
    [
      'in any order, behind a gap',
      [
        [4, 6],
        [1, 2],
        [2, 4],
      ],
      { concat: 1, pad: 1 },
    ],
    [
      'with a gap between',
      [
        [0, 2],
        [3, 6],
      ],
      { concat: 0, pad: 2 },
    ],
    [
      'that overlap',
      [
        [0, 4],
        [2, 6],
      ],
      { concat: 0, pad: 2 },
    ],
  ])('by neighbouring slices of a tensor are put side by side: slices %s', (_, bounds, nodes) => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2, 6]);
    const squares = bounds.map(([start, end], i) => {
      const part = slice(x, { axis: 1, start, end });
      return sum(mul(mul(part, part), i + 1));
    });
    const seed = { of: squares.reduce(add), upstream: graph.constant(1) };
    const [derivative] = gradients([seed], [x]) as Tensor[];
    const values = Float64Array.from({ length: 12 }, (_, i) => i + 1);
    const weightOf = (column: number) =>
      bounds.reduce((sum, [start, end], i) => (column >= start && column < end ? sum + i + 1 : sum), 0);
    const [found] = interpret([derivative], { x: values });
    expect([...found]).toEqual([...values.map((value, i) => 2 * weightOf(i % 6) * value)]);
    const operators = liveNodes([derivative]).map(({ operator }) => operator.name);
    for (const [name, count] of Object.entries(nodes)) {
      expect(
        operators.filter((operator) => operator === name),
        name,
      ).toHaveLength(count);
    }
  });
});
