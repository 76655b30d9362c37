import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeResponse } from './follow.ts';
import { instructionKinds, readInstructions } from './read-instructions.ts';
import { parityCases } from './testing/parity-cases.ts';

interface UpstreamVerdict {
  readonly key: string;
  readonly fingerprint: string;
  readonly strict: string;
  readonly loose: string;
}

const lines = readFileSync(new URL('./testing/upstream.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const upstream = new Map(lines.map((line): [string, UpstreamVerdict] => [JSON.parse(line).key, JSON.parse(line)]));
const bits = (verdicts: readonly boolean[]): string => verdicts.map((followed) => (followed ? '1' : '0')).join('');

/** Each is explained in docs/evaluation/ifeval-parity.md. */
const DIFFERENCES = [
  'detectable_format:json_format/15', // NaN
  'detectable_format:json_format/16', // NaN
  'detectable_format:json_format/18', // NaN
  'length_constraints:number_sentences/3', // etc.
  'length_constraints:number_sentences/15', // etc.
  'mixed/101', // two scripts
];

describe('parity with lm-evaluation-harness 0.4.13', () => {
  const cases = parityCases();

  it('is measured on the cases that upstream has judged', () => {
    expect(cases.map((one) => [one.key, one.fingerprint])).toEqual(
      [...upstream.values()].map((verdict) => [verdict.key, verdict.fingerprint]),
    );
    expect(new Set(cases.flatMap((one) => one.instruction_id_list))).toEqual(new Set(instructionKinds.keys()));
  });

  it('holds item by item', () => {
    const different = cases.filter((one) => {
      const { strict, loose } = judgeResponse(
        readInstructions(one.instruction_id_list, one.kwargs, one.key),
        one.response,
      );
      const verdict = upstream.get(one.key)!;
      return bits(strict) !== verdict.strict || bits(loose) !== verdict.loose;
    });
    expect(different.map(({ key }) => key)).toEqual(DIFFERENCES);
  });

  it.each([...instructionKinds.keys()])('has both verdicts on %s', (id) => {
    const verdicts = cases.flatMap((one) =>
      one.instruction_id_list.flatMap((kind, n) => (kind === id ? [upstream.get(one.key)!.strict[n]] : [])),
    );
    expect(new Set(verdicts)).toEqual(new Set(['0', '1']));
  });
});

const file = new URL('../../../../shared/data/eval/ifeval_dev.jsonl', import.meta.url);

describe.runIf(existsSync(file))('IFEval', () => {
  it('has no prompt that cannot be read', () => {
    const prompts = readFileSync(file, 'utf8').trim().split('\n');
    const read = prompts.map((line) => {
      const { key, instruction_id_list, kwargs } = JSON.parse(line);
      return readInstructions(instruction_id_list, kwargs, `key ${key}`);
    });
    expect(new Set(read.flat().map(({ id }) => id))).toEqual(new Set(instructionKinds.keys()));
  });
});
