import { random } from './task-vectors/random.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Drops a share of every task vector at random, makes up for it, and adds. Meant for small deltas. */
export const dareLinear = taskVectorMethod({
  name: 'dare_linear',
  reference: 'Yu et al. 2024, Language models are super Mario',
  equation: 'theta = theta_0 + lambda sum_i w_i r_i (m_i delta_i), m_i ~ Bernoulli(density)',
  paper: 'r_i = 1 / density; mergekit restores the L1 norm of each tensor, r_i = |delta_i| / |m_i delta_i|',
  sparsifier: random,
  election: false,
  normalize: false,
  rescale: true,
});
