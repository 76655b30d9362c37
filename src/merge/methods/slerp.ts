import { defineMethod } from '../method.ts';
import { gramMatrix } from '../selection/gram.ts';

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
    const gram = gramMatrix(tensor, 2, ({ base, models }) => [base, models[0]]);
    const [first, second] = slerpFactors(gram[0][0], gram[1][1], gram[0][1], settings.t);
    tensor.write(({ base, models }, out) => {
      kernels.addScaled(out, base, first);
      kernels.addScaled(out, models[0], second);
    });
  },
});

/** Tensors of next to no length have no direction; mergekit leaves them as they are, so their angle is that of their product. */
const shortest = 1e-8;
const nearlyParallel = 0.9995;

function slerpFactors(aa: number, bb: number, ab: number, t: number): readonly [number, number] {
  const [a, b] = [Math.sqrt(aa), Math.sqrt(bb)].map((norm) => (norm > shortest ? norm : 1));
  const cosine = ab / (a * b);
  if (Math.abs(cosine) > nearlyParallel) return [1 - t, t];
  const angle = Math.acos(cosine);
  return [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
}
