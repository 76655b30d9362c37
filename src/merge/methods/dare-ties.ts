import { random } from './task-vectors/random.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Random dropping with the election of signs of TIES. */
export const dareTies = taskVectorMethod({
  name: 'dare_ties',
  reference: 'Yu et al. 2024, Language models are super Mario; election of Yadav et al. 2023',
  equation: 'as dare_linear, over the models that agree with the elected sign at each entry',
  paper: 'divides by density and elects signs on deltas without weights',
  sparsifier: random,
  election: true,
  electsUnweighted: true,
  normalize: false,
  rescale: true,
});
