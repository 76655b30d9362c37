/**
 * Time until the command line has printed its help: median and slowest of a number of processes.
 *
 *   npm run build && node --import tsx bench/start-up.ts [--runs 21]
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '21' } } });
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const times: number[] = [];
for (let i = 0; i < Number(values.runs); i++) {
  const start = performance.now();
  await promisify(execFile)(process.execPath, [main, '--help']);
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
const milliseconds = (time: number) => `${Math.round(time)} ms`;
console.log('| command | median | slowest |\n| --- | ---: | ---: |');
console.log(`| finery --help | ${milliseconds(times[times.length >> 1])} | ${milliseconds(times.at(-1)!)} |`);
