/** Collects ONNX nodes while operators lower themselves. Messages are plain onnx-buf objects. */
import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { DType } from '../graph/tensor.ts';
import type { ElementType } from '../tensor/element-type.ts';
import { float32ToFloat16 } from '../tensor/half.ts';

/** Operators outside the ONNX standard that ONNX Runtime ships. */
export const microsoft = 'com.microsoft';

/** ONNX attribute values. A float is marked, because 1 and 1.0 are one number in JavaScript. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: GraphProto };

export const dataTypes = {
  f32: TensorProto_DataType.FLOAT,
  i32: TensorProto_DataType.INT32,
  bool: TensorProto_DataType.BOOL,
  f16: TensorProto_DataType.FLOAT16,
  i64: TensorProto_DataType.INT64,
  u8: TensorProto_DataType.UINT8,
} as const satisfies Partial<Record<ElementType, TensorProto_DataType>> & Record<DType, TensorProto_DataType>;

/** Element types of values: those of `DType` in our own graphs, all of them where other programs run the model. */
export type OnnxType = keyof typeof dataTypes;

export class Lowering {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #shapes = new Map<string, string>();
  #temporaries = 0;

  /** A fresh name for a value inside one operator's lowering. */
  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Emits `output = opType(inputs)` and returns the output's name (fresh where none is given). */
  emit(
    opType: string,
    inputs: readonly string[],
    options: { output?: string; attributes?: Readonly<Record<string, OnnxAttribute>>; domain?: string } = {},
  ): string {
    const output = options.output ?? this.temporary();
    this.emitMany(opType, inputs, [output], options);
    return output;
  }

  /** Emits a node with several outputs; an empty name leaves an optional output out. */
  emitMany(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options: { attributes?: Readonly<Record<string, OnnxAttribute>>; domain?: string } = {},
  ): void {
    const attribute = Object.entries(options.attributes ?? {}).map(([name, value]) => attributeProto(name, value));
    const name = `${opType}_${this.nodes.length}`;
    this.nodes.push(
      create(NodeProtoSchema, {
        name,
        opType,
        domain: options.domain ?? '',
        input: [...inputs],
        output: [...outputs],
        attribute,
      }),
    );
  }

  initializer(
    name: string,
    { dtype, shape }: { readonly dtype: DType | 'f16'; readonly shape: readonly number[] },
    values: readonly number[],
  ): void {
    const dims = shape.map(BigInt);
    const integers = () => (dtype === 'f16' ? values.map(float32ToFloat16) : [...values]);
    const data = dtype === 'f32' ? { floatData: [...values] } : { int32Data: integers() };
    this.initializers.push(create(TensorProtoSchema, { name, dims, dataType: dataTypes[dtype], ...data }));
  }

  /** A weight that is handed over when the model is compiled. */
  external(name: string, dtype: OnnxType, shape: readonly number[]): void {
    const dataType = dataTypes[dtype];
    // The runtime wants an entry that could be read; it is never looked at.
    const externalData = Object.entries({ location: 'memory', offset: '0', length: '0' }).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    const dataLocation = TensorProto_DataLocation.EXTERNAL;
    this.initializers.push(
      create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, dataLocation, externalData }),
    );
  }

  /** An int64 vector, or a number alone, as ONNX wants for shapes, axes and bounds. Equal ones are shared. */
  int64(values: number | readonly number[]): string {
    const key = JSON.stringify(values);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const name = `shape${this.#shapes.size}`;
    this.#shapes.set(key, name);
    const [dims, numbers] = typeof values === 'number' ? [[], [values]] : [[BigInt(values.length)], values];
    const int64Data = numbers.map(BigInt);
    this.initializers.push(create(TensorProtoSchema, { name, dims, dataType: TensorProto_DataType.INT64, int64Data }));
    return name;
  }

  /**
   * One of two values, of which only that one is computed. Both may read what there is so far.
   * @param condition one bool, with axes or without
   */
  either(condition: string, dtype: OnnxType, then: () => string, otherwise: () => string): string {
    const attributes = {
      then_branch: { graph: this.#branch(dtype, then) },
      else_branch: { graph: this.#branch(dtype, otherwise) },
    };
    return this.emit('If', [condition], { attributes });
  }

  /** The nodes that `build` emits, as a graph of their own. Its constants stay outside, where the runtime packs them. */
  #branch(dtype: OnnxType, build: () => string): GraphProto {
    const start = this.nodes.length;
    const name = build();
    const elemType = dataTypes[dtype];
    const type = create(TypeProtoSchema, {
      value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType }) },
    });
    const output = [create(ValueInfoProtoSchema, { name, type })];
    return create(GraphProtoSchema, { name, node: this.nodes.splice(start), output });
  }

  cast(x: string, to: OnnxType): string {
    return this.emit('Cast', [x], { attributes: { to: dataTypes[to] } });
  }

  /** A float32 vector constant. */
  vector(values: readonly number[]): string {
    const name = this.temporary();
    this.initializer(name, { dtype: 'f32', shape: [values.length] }, values);
    return name;
  }

  /** A float scalar constant. */
  scalar(value: number, dtype: 'f32' | 'f16' = 'f32'): string {
    const name = this.temporary();
    this.initializer(name, { dtype, shape: [] }, [value]);
    return name;
  }
}

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === 'string') {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  if ('graph' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: value.graph });
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}
