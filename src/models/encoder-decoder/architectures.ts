/** The encoder-decoders that are known, by `model_type`: apart from the registry, which loads what computes every model. */
import type { Architecture } from '../architecture.ts';
import { t5 } from '../t5/model.ts';
import type { EncoderDecoderDescription } from './description.ts';

export const encoderDecoderArchitectures: Readonly<Record<string, Architecture<EncoderDecoderDescription>>> = { t5 };

/** Whether a configuration is that of an encoder-decoder that is known. */
export function isEncoderDecoder(config: unknown): boolean {
  const { model_type: type }: { readonly model_type?: unknown } = config ?? {};
  return typeof type === 'string' && Object.hasOwn(encoderDecoderArchitectures, type);
}
