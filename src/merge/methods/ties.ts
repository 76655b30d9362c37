import { globalTrimSurveys } from './task-vectors/global-trim.ts';
import { magnitude } from './task-vectors/magnitude.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Trims task vectors to their largest entries, elects a sign for each entry, and averages those who agree. */
export const ties = taskVectorMethod({
  name: 'ties',
  reference: 'Yadav et al. 2023, TIES-Merging: resolving interference when merging models',
  equation: 'theta = theta_0 + lambda sum_{i agrees} w_i trim(delta_i) / sum_{i agrees} w_i',
  paper: 'trims over the whole model, keeping all that reach the threshold, and elects signs on deltas without weights',
  sparsifier: magnitude,
  surveys: globalTrimSurveys,
  election: true,
  electsUnweighted: true,
  normalize: true,
  rescale: false,
});
