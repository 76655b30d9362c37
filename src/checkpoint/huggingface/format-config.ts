/** The text of `config.json`. */
import type { JsonObject } from '../../files/json-file.ts';

/**
 * Fields that are floats in the configuration classes of transformers, which since version 5 refuse `30` where they want
 * `30.0`. In JavaScript these are one number.
 */
const floatFields = [
  'attn_logit_softcapping',
  'final_logit_softcapping',
  'initializer_factor',
  'initializer_range',
  'layer_norm_epsilon',
  'rms_norm_eps',
  'router_aux_loss_coef',
  'router_jitter_noise',
];

/** Of a line of the outermost object. */
const wholeFloat = new RegExp(`^( {2}"(?:${floatFields.join('|')})": -?\\d+)(?=,?$)`, 'gm');

export const formatConfig = (config: JsonObject): string =>
  `${JSON.stringify(config, null, 2).replace(wholeFloat, '$1.0')}\n`;
