/**
 * Continual pretraining and merging (Hirano and Imajo 2024, arXiv:2409.19854): add the difference that instruction tuning made
 * to a base to what continual pretraining made of it, and get a finance chat model without finance instructions.
 */
import { judge } from './cpt-merge/judge.ts';
import { type Evidence, measure, workPerSeed } from './cpt-merge/measure.ts';
import type { Reproduction } from './reproduction.ts';

export const cptMerge: Reproduction<Evidence> = {
  name: 'cpt-merge',
  title: 'A finance chat model without finance instructions',
  source:
    'Hirano and Imajo 2024, "The Construction of Instruction-tuned LLMs for Finance without Instruction Data Using Continual Pretraining and Model Merging" (arXiv:2409.19854).',
  method:
    'A Llama of 0.26 million parameters learns facts about 60 places, 60 people and 40 companies of finworld from text: the base. From there one run learns to answer questions about three quarters of the places and people (instruction), and one reads statements about 24 companies that the base has not heard of (finance). The merge is the base and both differences, by `task_arithmetic`. An answer is right if it is the value and ends there; general questions are about the other quarter. Nobody but the directly tuned model is taught an answer about a company. Wordings, sizes and learning rates were tried out on seed 1; the other seeds had no part in that.',
  version: 2,
  workPerSeed,
  measure,
  judge,
};
