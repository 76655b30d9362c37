/** What decoders and encoders share: their layers, and the norms around them. */
import type { Layers, OuterNorm } from '../decoder.ts';
import { lengthIndependentPositions, rotaryTables } from '../layers/rope.ts';
import { block } from './block.ts';
import type { LayersDescription } from './description.ts';
import { blockParameterName, groupedNameOf } from './names.ts';
import { norm } from './norm.ts';
import { blockShapes } from './parameters.ts';

export function transformerLayers(description: LayersDescription): Layers {
  const { modelType, sizes, names, layerKinds, kindOfLayer, experts } = description;
  const ropes = layerKinds.flatMap(({ rope }) => rope ?? []);
  return {
    modelType,
    sizes,
    blockParameters: blockShapes(description),
    blockParameterName: blockParameterName(names),
    layerKinds: layerKinds.map(({ window, rope, bidirectional = false }) => ({
      window,
      bidirectional,
      rotaryWidth: rope?.width ?? 0,
      rotaryTables: (count, length) => rope && rotaryTables(rope, count, length),
    })),
    kindOfLayer: kindOfLayer ?? Array.from({ length: sizes.layers }, () => 0),
    ...(experts && { experts: { ...experts, groupedName: (layer) => groupedNameOf(names.block, layer) } }),
    settledPositions: Math.min(sizes.positions, ...ropes.map((rope) => lengthIndependentPositions(rope) ?? Infinity)),
    block: (hidden, weights, context) => block(hidden, weights, context, description),
  };
}

/** A norm outside the layers, by its name in the checkpoint. */
export function outerNorm(name: string, { norm: settings }: LayersDescription): OuterNorm {
  return {
    parameters: {
      'norm.weight': `${name}.weight`,
      ...(settings.kind === 'layer' && { 'norm.bias': `${name}.bias` }),
    },
    apply: (hidden, weights) => norm(hidden, 'norm', weights, settings),
  };
}
