#!/usr/bin/env node
/** The `finery` command. */
import { readFileSync } from 'node:fs';
import { runProgram } from './program.ts';
import { reportError } from './report-error.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

// A fault outside the command's own promise ends it too, in the same words.
process.on('uncaughtException', (error) => {
  const { text, exitCode } = reportError(error);
  if (text !== undefined) process.stderr.write(`${text}\n`);
  process.exit(exitCode);
});

process.exitCode = await runProgram(process.argv.slice(2), process, version);
