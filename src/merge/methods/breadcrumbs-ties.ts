import { magnitudeOutliers } from './task-vectors/magnitude-outliers.ts';
import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Breadcrumbs with the election of signs of TIES. */
export const breadcrumbsTies = taskVectorMethod({
  name: 'breadcrumbs_ties',
  reference: 'Davari and Belilovsky 2024, Model Breadcrumbs; election of Yadav et al. 2023',
  equation: 'theta = theta_0 + lambda sum_{i agrees} w_i band(delta_i)',
  sparsifier: magnitudeOutliers,
  election: true,
  normalize: false,
  rescale: false,
});
