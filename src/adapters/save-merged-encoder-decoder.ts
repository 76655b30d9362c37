/** An encoder-decoder with its adapter merged into it, written tensor by tensor; its base stays as it is. */
import { type SaveEncoderDecoderOptions, saveStreamedEncoderDecoder } from '../models/encoder-decoder-model.ts';
import { parameterReader } from '../models/streamed-model.ts';
import type { AdaptedEncoderDecoder } from './attach-encoder-decoder.ts';
import { parameterMerger } from './merge.ts';

/** @throws as `saveEncoderDecoder` */
export async function saveMergedEncoderDecoder(
  folder: string,
  { base, adapter }: AdaptedEncoderDecoder,
  options: SaveEncoderDecoderOptions,
): Promise<void> {
  const merge = parameterMerger(base.architecture, [{ adapter }]);
  const valuesOf = parameterReader(base.architecture, async (name, target) => {
    target.set(base.parameters.get(name)!.weight);
    merge(name, target);
  });
  await saveStreamedEncoderDecoder(folder, { ...base, valuesOf }, options);
}
