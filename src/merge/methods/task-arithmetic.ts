import { taskVectorMethod } from './task-vectors/task-vector-method.ts';

/** Adds task vectors: what fine-tuning changed becomes something to add, scale and subtract. */
export const taskArithmetic = taskVectorMethod({
  name: 'task_arithmetic',
  reference: 'Ilharco et al. 2023, Editing models with task arithmetic',
  equation: 'theta = theta_0 + lambda sum_i w_i delta_i',
  election: false,
  normalize: false,
  rescale: false,
});
