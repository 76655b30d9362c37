/** Nodes, inputs and outputs -> the bytes of an ONNX model. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { dataTypes, type Lowering, microsoft, type OnnxType } from './lowering.ts';

/** What ONNX Runtime 1.30 accepts. */
const opset = 21n;
const irVersion = 10n;

/** A tensor's type; a size may be a name instead, which stands for one number wherever it occurs in a run. */
export interface ValueType {
  readonly dtype: OnnxType;
  readonly shape: readonly (number | string)[];
}

export const formatValueType = ({ dtype, shape }: ValueType): string => `${dtype}[${shape.join(',')}]`;

export interface ModelInterface {
  readonly inputs: ReadonlyMap<string, ValueType>;
  readonly outputs: ReadonlyMap<string, ValueType>;
}

export const encodeModel = (lowering: Lowering, io: ModelInterface): Uint8Array =>
  toBinary(ModelProtoSchema, modelMessage(lowering, io));

export function modelMessage(lowering: Lowering, { inputs, outputs }: ModelInterface): ModelProto {
  return create(ModelProtoSchema, {
    irVersion,
    producerName: 'finery',
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version: opset }),
      create(OperatorSetIdProtoSchema, { domain: microsoft, version: 1n }),
    ],
    graph: create(GraphProtoSchema, {
      name: 'segment',
      node: lowering.nodes,
      initializer: [...lowering.initializers],
      input: [...inputs].map(valueInfo),
      output: [...outputs].map(valueInfo),
    }),
  });
}

function valueInfo([name, type]: [string, ValueType]): ValueInfoProto {
  const dim = type.shape.map((size) => {
    if (typeof size === 'number' && size < 1) {
      throw new Error(`value "${name}" has an empty type ${formatValueType(type)}`);
    }
    const value =
      typeof size === 'number'
        ? ({ case: 'dimValue', value: BigInt(size) } as const)
        : ({ case: 'dimParam', value: size } as const);
    return create(TensorShapeProto_DimensionSchema, { value });
  });
  const tensor = create(TypeProto_TensorSchema, {
    elemType: dataTypes[type.dtype],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}
