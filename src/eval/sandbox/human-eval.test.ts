/** The tests of HumanEval (Chen et al., arXiv:2107.03374), where its problems are: not part of this repository. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { PythonSandbox } from './python-sandbox.ts';

interface Problem {
  readonly task_id: string;
  readonly prompt: string;
  readonly entry_point: string;
  readonly canonical_solution: string;
  readonly test: string;
}

const file = new URL('../../../../shared/data/eval/humaneval_dev.jsonl', import.meta.url);

describe.runIf(existsSync(file))('HumanEval', () => {
  const problems = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Problem => JSON.parse(line));
  const sandbox = new PythonSandbox({ deadline: 30 });
  afterAll(() => sandbox.close());

  async function statuses(completion: (problem: Problem) => string): Promise<Map<string, string>> {
    const runs = problems.map(async (problem) => {
      const check = `${problem.test}\ncheck(${problem.entry_point})`;
      const { status } = await sandbox.run(problem.prompt + completion(problem), { check });
      return [problem.task_id, status] as const;
    });
    return new Map(await Promise.all(runs));
  }

  it('is solved by its own solutions', { timeout: 300_000 }, async () => {
    const found = await statuses((problem) => problem.canonical_solution);
    expect([...found].filter(([, status]) => status !== 'passed')).toEqual([]);
  });

  it('is not solved by functions that return nothing', { timeout: 300_000 }, async () => {
    const found = await statuses(() => '    return None\n');
    expect([...found].filter(([, status]) => status !== 'failed')).toEqual([]);
  });
});
