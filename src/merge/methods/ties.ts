import { magnitude } from './task-vectors/magnitude.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Trims task vectors to their largest entries, elects a sign for each entry, and averages those who agree. */
export const ties = taskVectorMethod({
  name: 'ties',
  reference: 'Yadav et al. 2023, TIES-Merging',
  equation: 'theta = theta_0 + lambda sum_{i agrees} w_i trim(delta_i) / sum_{i agrees} w_i',
  sparsifier: magnitude,
  election: true,
  electsUnweighted: true,
  normalize: true,
  rescale: false,
});
