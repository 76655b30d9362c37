import { expect, it } from 'vitest';
import { formatConfig } from './format-config.ts';

it('writes whole numbers as floats where transformers wants floats, and only there', () => {
  const config = {
    attn_logit_softcapping: 50,
    final_logit_softcapping: null,
    hidden_size: 64,
    rms_norm_eps: 1e-6,
    router_jitter_noise: 0,
    rope_parameters: { router_jitter_noise: 3 },
    note: '"rms_norm_eps": 3,\n  "rms_norm_eps": 3',
    initializer_factor: 1,
    initializer_range: 1,
  };
  const text = formatConfig(config);
  expect(JSON.parse(text)).toEqual(config);
  expect(text.match(/\b\w+": -?\d+\.0(?=,?$)/gm)).toEqual([
    'attn_logit_softcapping": 50.0',
    'router_jitter_noise": 0.0',
    'initializer_factor": 1.0',
    'initializer_range": 1.0',
  ]);
});
