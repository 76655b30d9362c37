/** `finery/graph`: symbolic tensors, their operators and gradients, and the way to ONNX, for models of one's own. */
export { type OnnxModel, toOnnx } from '../onnx/model-proto.ts';
export { gradients } from './backward.ts';
export { Graph, GraphError } from './graph.ts';
export { interpret } from './interpret.ts';
export * from './ops/attention.ts';
export * from './ops/elementwise.ts';
export * from './ops/grouped.ts';
export * from './ops/indexing.ts';
export * from './ops/linear.ts';
export * from './ops/loss.ts';
export * from './ops/normalize.ts';
export * from './ops/reduce.ts';
export * from './ops/rotary.ts';
export * from './ops/routing.ts';
export * from './ops/shape.ts';
export { printGraph } from './print.ts';
export type { DType, Shape, Tensor, TensorType } from './tensor.ts';
