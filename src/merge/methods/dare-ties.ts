import { random } from './task-vectors/random.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Random dropping with the election of signs of TIES. */
export const dareTies = taskVectorMethod({
  name: 'dare_ties',
  reference: 'Yu et al. 2024, Language models are super Mario; election of Yadav et al. 2023',
  equation: 'theta = theta_0 + lambda sum_{i agrees} w_i r_i (m_i delta_i), m_i ~ Bernoulli(density)',
  paper: 'divides by density and elects signs on deltas without weights',
  sparsifier: random,
  election: true,
  electsUnweighted: true,
  normalize: false,
  rescale: true,
});
