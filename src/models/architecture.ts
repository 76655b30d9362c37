/** An architecture: which configurations it reads, and what decoder, encoder or pair of both they describe. */
import type { z } from 'zod';
import { parseConfig } from './config.ts';
import type { EncoderDecoderDescription } from './encoder-decoder/description.ts';
import type { DecoderDescription, EncoderDescription } from './transformer/description.ts';

export interface Architecture<Description = DecoderDescription> {
  /** What `architectures` in `config.json` says: vLLM and llama.cpp's converter choose the model by it. */
  readonly className: string;
  /** @throws UsageError for a field that is missing, wrong, or unknown and so may change the maths */
  describe(config: unknown): Description;
  /** Fields of a configuration that this architecture does not have or reads otherwise. */
  strangeFields(config: unknown): readonly string[];
  /** Fields of this architecture that a configuration does not have. */
  absentFields(config: object): readonly string[];
}

export function defineArchitecture<
  Schema extends z.ZodObject,
  Description extends DecoderDescription | EncoderDescription | EncoderDecoderDescription,
>({
  className,
  schema,
  describe,
}: {
  readonly className: string;
  readonly schema: Schema;
  readonly describe: (config: z.infer<Schema>) => Description;
}): Architecture<Description> {
  return {
    className,
    describe: (config) => describe(parseConfig(schema, config)),
    strangeFields(config) {
      const { error } = schema.safeParse(config);
      const fields = (error?.issues ?? []).flatMap((issue) =>
        issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])],
      );
      return [...new Set(fields)];
    },
    absentFields: (config) => Object.keys(schema.shape).filter((name) => !Object.hasOwn(config, name)),
  };
}
