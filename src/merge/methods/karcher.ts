import { defineMethod } from '../method.ts';
import { type GramMatrix, gramMatrix } from '../selection/gram.ts';
import { type Coefficients, inner, plus, times } from './span.ts';
import { clamp } from './sphere.ts';

/** The Riemannian centre of the models' directions on the sphere, found by gradient steps, with their mean length. */
export const karcher = defineMethod({
  name: 'karcher',
  reference: 'Karcher 1977, Riemannian center of mass and mollifier smoothing',
  equation: 'u = argmin sum_i angle(u, u_i)^2 over unit vectors, theta = mean_i |theta_i| u',
  base: 'none',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: {},
  settings: {
    max_iter: { kind: 'number', default: 10, minimum: 0, maximum: 10_000, summary: 'most steps' },
    tol: { kind: 'number', default: 1e-5, minimum: 0, summary: 'length of a step, or angle, that is next to nothing' },
  },
  merge(tensor) {
    const { kernels, settings } = tensor;
    const gram = gramMatrix(tensor, tensor.models.length, ({ models }) => models);
    const factors = centre(gram, settings.max_iter, settings.tol);
    tensor.write(({ models }, out) => {
      for (const [i, values] of models.entries()) kernels.addScaled(out, values, factors[i]);
    });
  },
});

/** Factors of the models. Models of next to no length have no direction, and count in the mean length only. */
function centre(gram: GramMatrix, steps: number, tolerance: number): readonly number[] {
  const lengths = gram.map((row, i) => Math.sqrt(row[i]));
  const zero = gram.map(() => 0);
  const units: readonly Coefficients[] = lengths.flatMap((length, i) =>
    length > tolerance ? [zero.map((_, j) => (i === j ? 1 / length : 0))] : [],
  );
  if (units.length === 0) return zero;
  const sizeOf = (vector: readonly number[]): number => Math.sqrt(Math.max(0, inner(vector, vector, gram)));
  const mean = times(units.reduce(plus), 1 / units.length);
  const size = sizeOf(mean);
  let middle: Coefficients = size < tolerance ? units[0] : times(mean, 1 / size);
  for (let step = 0; step < steps; step++) {
    const gradient = units
      .map((unit) => {
        const angle = Math.acos(clamp(inner(unit, middle, gram), -1, 1));
        if (angle < tolerance) return zero;
        const along = plus(unit, times(middle, -Math.cos(angle)));
        return times(along, angle / Math.sin(angle) / units.length);
      })
      .reduce(plus);
    const length = sizeOf(gradient);
    if (length < tolerance) break;
    const moved = plus(times(middle, Math.cos(length)), times(gradient, Math.sin(length) / length));
    middle = times(moved, 1 / sizeOf(moved));
  }
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return times(middle, meanLength);
}
