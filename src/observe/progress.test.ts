import { describe, expect, it } from 'vitest';
import { createProgressLine, formatDuration, formatProgress } from './progress.ts';

const ESCAPE = '\x1b';

function terminal(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

/** Ten steps a second and 1,000 tokens a step, from a clock of its own. */
function run(output: ReturnType<typeof terminal>, steps: number, options = {}) {
  let clock = 0;
  const line = createProgressLine(output, { now: () => clock, env: {}, ...options });
  for (let step = 1; step <= steps; step++) {
    clock += 100;
    line.update({ stage: 'train', step, total: 1000, tokens: step * 1000, loss: 2 });
  }
  return line;
}

describe('formatProgress', () => {
  const figures = { stage: 'train', step: 1200, total: 4000, loss: 3.41159, rate: 8123, secondsLeft: 760 };

  it('shows stage, step, loss, rate and time left', () => {
    expect(formatProgress(figures)).toBe(
      'train  1,200/4,000  30%  [######..............]  loss 3.412  8.12k tokens/s  12m 40s left',
    );
  });

  it('counts where the total is not known', () => {
    expect(formatProgress({ stage: 'read', step: 1200, total: 0, rate: 8123, secondsLeft: 0 })).toBe(
      'read  1,200  8.12k tokens/s',
    );
  });

  it('counts bytes as bytes', () => {
    const figures = { stage: 'fetch', step: 3 * 2 ** 20, total: 2 ** 30, unit: 'bytes', rate: 2 ** 21 } as const;
    expect(formatProgress(figures)).toBe('fetch  3.00 MiB/1.00 GiB  0%  [....................]  2.00 MiB/s');
  });

  it('fits any width and drops the bar first, the stage last', () => {
    for (let width = 1; width < 100; width++)
      expect(formatProgress(figures, { width }).length).toBeLessThanOrEqual(width);
    expect(formatProgress(figures, { width: 70 })).toBe(
      'train  1,200/4,000  30%  loss 3.412  8.12k tokens/s  12m 40s left',
    );
    expect(formatProgress(figures, { width: 6 })).toBe('train');
  });

  it('is plain unless colour is asked for', () => {
    expect(formatProgress(figures)).not.toContain(ESCAPE);
    expect(formatProgress(figures, { color: true })).toContain(ESCAPE);
  });

  it('stands a total of zero, a NaN loss and control characters in the stage', () => {
    expect(formatProgress({ stage: 'a\x1b[2Jb\n', step: 0, total: 0, loss: Number.NaN })).toBe('a [2Jb   0  loss NaN');
  });
});

describe('createProgressLine', () => {
  it('redraws one line on a terminal, at most ten times a second', () => {
    const output = terminal(true);
    let clock = 0;
    const line = createProgressLine(output, { now: () => clock, env: {} });
    for (let step = 1; step <= 1000; step++) {
      clock += 1;
      line.update({ stage: 'train', step, total: 1000 });
    }
    expect(output.written.length).toBe(10);
    line.done();
    expect(output.written.every((text) => text === '\n' || text.startsWith('\r\x1b[K'))).toBe(true);
    expect(output.written.at(-2)).toContain('1,000/1,000');
    expect(output.written.at(-1)).toBe('\n');
  });

  it('measures rate and time left', () => {
    const output = terminal(true);
    run(output, 400, { env: { NO_COLOR: '1' } }).done();
    expect(output.written.at(-2)).toMatch(/loss 2\.000 {2}10k tokens\/s {2}1m 0s left$/);
  });

  it('measures bytes by the steps', () => {
    const output = terminal(true);
    let clock = 0;
    const line = createProgressLine(output, { now: () => clock, env: {} });
    for (; clock <= 1000; clock += 500)
      line.update({ stage: 'fetch', step: 1.024 * clock, total: 4096, unit: 'bytes' });
    expect(output.written.at(-1)).toMatch(/1.00 KiB\/s {2}3s left/);
  });

  it('writes a line every interval where there is no terminal, and the last state once', () => {
    const output = terminal(false);
    run(output, 350).done();
    expect(output.written.length).toBe(5); // at 0.1, 10.1, 20.1, 30.1 and, at the end, 35 seconds
    expect(output.written.every((text) => text.endsWith('\n') && !text.includes(ESCAPE) && !text.includes('\r'))).toBe(
      true,
    );
    expect(output.written.at(-1)).toContain('350/1,000');
  });

  it('honours NO_COLOR and quiet', () => {
    const plain = terminal(true);
    run(plain, 3, { env: { NO_COLOR: '1' } });
    expect(plain.written.join('')).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+m`));
    const colored = terminal(true);
    run(colored, 3);
    expect(colored.written.join('')).toContain(`${ESCAPE}[36m`);
    const silent = terminal(true);
    const line = run(silent, 3, { quiet: true });
    line.clear();
    line.done();
    expect(silent.written).toEqual([]);
  });

  it('clears for other output and draws again at the next update', () => {
    const output = terminal(true);
    const line = run(output, 1);
    line.clear();
    expect(output.written.at(-1)).toBe('\r\x1b[K');
    line.update({ stage: 'train', step: 2, total: 1000 });
    expect(output.written.at(-1)).toContain('2/1,000');
  });

  it('starts its measurement anew with the next stage', () => {
    const output = terminal(false);
    let clock = 0;
    const line = createProgressLine(output, { now: () => clock, env: {} });
    line.update({ stage: 'a', step: 1, total: 10, tokens: 5 });
    clock = 1000;
    line.update({ stage: 'a', step: 2, total: 10, tokens: 10 });
    line.update({ stage: 'b', step: 1, total: 10, tokens: 5 });
    expect(output.written.at(-1)).toBe('b  1/10  10%  [##..................]\n');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [59.4, '59s'],
    [59.6, '1m 0s'],
    [95, '1m 35s'],
    [3599.7, '1h 0m'],
    [7260, '2h 1m'],
    [90_000, '1d 1h'],
    [Number.POSITIVE_INFINITY, '--'],
  ])('%s seconds is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});
