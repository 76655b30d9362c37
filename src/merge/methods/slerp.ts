import { defineMethod } from '../method.ts';
import { gramMatrix } from '../selection/gram.ts';
import { arcFactors } from './sphere.ts';

/** Spherical interpolation of two models, each tensor as one vector. */
export const slerp = defineMethod({
  name: 'slerp',
  reference: 'Shoemake 1985, Animating rotation with quaternion curves',
  equation:
    'theta = sin((1-t) a)/sin(a) theta_0 + sin(t a)/sin(a) theta_1, a the angle between them; linear where |cos a| > 0.9995',
  base: 'required',
  models: [1, 1],
  perModel: {},
  settings: { t: { kind: 'number', summary: '0 is the base, 1 the other model' } },
  merge(tensor) {
    const { kernels, settings } = tensor;
    const [[aa, ab], [, bb]] = gramMatrix(tensor, 2, ({ base, models }) => [base, models[0]]);
    const [first, second] = slerpFactors(aa, bb, ab, Math.fround(settings.t));
    tensor.write(({ base, models }, out) => {
      kernels.addScaled(out, base, first);
      kernels.addScaled(out, models[0], second);
    });
  },
});

/** A tensor of next to no length has no direction; its product with the other is taken for the cosine. */
const shortest = 1e-8;
const nearlyParallel = 0.9995;

function slerpFactors(aa: number, bb: number, ab: number, t: number): readonly [number, number] {
  const [a, b] = [aa, bb].map(Math.sqrt).map((norm) => (norm > shortest ? norm : 1));
  const cosine = ab / (a * b);
  return Math.abs(cosine) > nearlyParallel ? [1 - t, t] : arcFactors(Math.acos(cosine), t, 0);
}
