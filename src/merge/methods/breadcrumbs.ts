import { magnitudeOutliers } from './task-vectors/magnitude-outliers.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Adds task vectors without their outliers and without their smallest entries. */
export const breadcrumbs = taskVectorMethod({
  name: 'breadcrumbs',
  reference: 'Davari and Belilovsky 2024, Model Breadcrumbs',
  equation: 'theta = theta_0 + lambda sum_i w_i band(delta_i)',
  sparsifier: magnitudeOutliers,
  election: false,
  normalize: false,
  rescale: false,
});
