import { magnitudeSampling } from './task-vectors/magnitude-sampling.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** DELLA without the election of signs. */
export const dellaLinear = taskVectorMethod({
  name: 'della_linear',
  reference: 'Deep et al. 2024, DELLA-Merging',
  equation: 'theta = theta_0 + lambda sum_i w_i r_i (m_i delta_i), m_i ~ Bernoulli(p(rank))',
  paper: 'each entry is divided by its own keep probability; mergekit restores the L1 norm of each tensor',
  sparsifier: magnitudeSampling,
  election: false,
  normalize: false,
  rescale: true,
});
