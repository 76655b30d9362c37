/** What bitsandbytes saves: one of two forms, whose tensors have nothing in common. */
import { z } from 'zod';
import { fourBit } from './bitsandbytes-4bit.ts';
import { llmInt8 } from './llm-int8.ts';
import { parseSettings } from './parse-settings.ts';
import type { SchemeReader } from './scheme.ts';

const settings = z
  .object({
    load_in_8bit: z.boolean().default(false),
    load_in_4bit: z.boolean().default(false),
    bnb_4bit_quant_type: z.enum(['fp4', 'nf4']).default('fp4'),
  })
  .refine(({ load_in_8bit: eight, load_in_4bit: four }) => eight !== four, {
    path: ['load_in_8bit'],
    error: 'either this or load_in_4bit to be true',
  });

export const bitsandbytes: SchemeReader = (config, field) => {
  const { load_in_4bit: isFourBit, bnb_4bit_quant_type: type } = parseSettings(settings, config, field);
  return isFourBit ? fourBit(type) : llmInt8;
};
