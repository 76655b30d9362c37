/**
 * T5 (Raffel et al. 2020): an encoder and a decoder whose positions are biases of attention; with gated layers and a head of
 * its own T5 1.1 (Shazeer 2020), and over bytes ByT5 (Xue et al. 2022).
 */
import { defineArchitecture } from '../architecture.ts';
import { schema, settings } from './config.ts';
import { beside, names } from './weights.ts';

export const t5 = defineArchitecture({
  className: 'T5ForConditionalGeneration',
  schema,
  describe: (config) => ({ ...settings(config), names: names(config.feed_forward_proj !== 'relu'), beside }),
});
