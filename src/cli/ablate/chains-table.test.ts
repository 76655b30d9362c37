import { expect, it } from 'vitest';
import type { AblationEstimate } from '../../ablate/estimate-ablation.ts';
import { chainsTable } from './chains-table.ts';

const training = {
  steps: 1200,
  tokens: 2_457_600,
  unpadded: 2_400_000,
  operations: 3.2e13,
  memory: 1.5e9,
  seconds: 90,
};
const stage = { kind: 'cpt', from: 'base', result: 'results/cpt-0', state: 'new', training } as const;
const estimate: AblationEstimate = {
  chains: [
    {
      variant: 'full',
      seed: 1,
      stages: [
        { ...stage, name: 'cpt' },
        { ...stage, name: 'sft' },
        { ...stage, name: 'ask', training: undefined },
      ],
      tokens: 4_800_000,
    },
    {
      variant: 'without-sft',
      seed: 1,
      stages: [{ ...stage, name: 'cpt', state: 'shared', training: { ...training, seconds: null } }],
      tokens: 4_700_000,
    },
  ],
  left: ['give'],
  operations: 6.4e13,
  seconds: 180,
  memory: { predicted: 1.5e9, available: 2e10 },
};

it('has a line for each stage of each chain, and what all of it takes', () => {
  const lines = chainsTable(estimate).split('\n');
  expect(lines[0].trim().split(/\s{2,}/)).toEqual([
    ...['chain', 'seed', 'stage', 'state', 'steps', 'tokens', 'FLOPs', 'memory', 'time'],
  ]);
  expect(lines.slice(1, 5).map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['full', '1', 'cpt', 'new', '1,200', '2.46M', '3.2e13', '1.40 GiB', '1m 30s'],
    ['sft', 'new', '1,200', '2.46M', '3.2e13', '1.40 GiB', '1m 30s'],
    ['ask', 'new'],
    ['without-sft', '1', 'cpt', 'shared', '1,200', '2.46M', '3.2e13', '1.40 GiB'],
  ]);
  expect(lines.slice(5)).toEqual([
    '2 chains, each trained on 4.7M to 4.8M tokens without padding',
    'not part of the chains: give',
    'memory: about 1.40 GiB at most, of 18.6 GiB that may be used',
    'training time: about 3m 0s for 6.4e13 FLOPs, measurements not counted',
  ]);
});
