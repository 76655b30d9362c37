/** Qwen2 and Qwen2.5 (Yang et al. 2024): the Llama family with biases on query, key and value. */
import type { Decoder } from '../decoder.ts';
import { llamaFamily } from '../llama/model.ts';
import { parseQwen2Config } from './config.ts';

export const qwen2 = (config: unknown): Decoder => llamaFamily(parseQwen2Config(config));
