import { magnitudeSampling } from './task-vectors/magnitude-sampling.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Drops by magnitude and chance, elects signs, and averages those who agree. */
export const della = taskVectorMethod({
  name: 'della',
  reference: 'Deep et al. 2024, DELLA-Merging',
  equation:
    'theta = theta_0 + lambda sum_{i agrees} w_i r_i (m_i delta_i) / sum_{i agrees} w_i, m_i ~ Bernoulli(p(rank))',
  paper: 'each entry is divided by its own keep probability; mergekit restores the L1 norm of each tensor',
  sparsifier: magnitudeSampling,
  election: true,
  normalize: true,
  rescale: true,
});
