/** The methods by name. A new method is a new file and an entry here. */
import type { AnyMergeMethod } from '../method.ts';
import { dareLinear } from './dare-linear.ts';
import { dareTies } from './dare-ties.ts';
import { linear } from './linear.ts';
import { passthrough } from './passthrough.ts';
import { slerp } from './slerp.ts';
import { taskArithmetic } from './task-arithmetic.ts';
import { ties } from './ties.ts';

export const mergeMethods: readonly AnyMergeMethod[] = [
  linear,
  passthrough,
  slerp,
  taskArithmetic,
  ties,
  dareLinear,
  dareTies,
];
