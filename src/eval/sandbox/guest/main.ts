/** The guest process: makes a snapshot of an interpreter, or starts one from a snapshot and runs one program. */
import { readFileSync, writeSync } from 'node:fs';
import { Beginning, Ending } from './kept-output.ts';
import { ANSWERS, type GuestJob, type GuestReport, type GuestSetting, READY } from './protocol.ts';
import { COMMON_IMPORTS, HIDE_BRIDGE, WITHHELD_MODULE } from './python.ts';
import { type Interpreter, openInterpreter } from './realm.ts';
import { Border, WithheldError } from './withheld.ts';

const setting = JSON.parse(process.argv[2]!) as GuestSetting;
if (setting.snapshot === undefined) await makeSnapshot();
else await serve(readFileSync(setting.snapshot));
// Timers of the interpreter's own do not matter any more.
process.exit();

async function makeSnapshot(): Promise<void> {
  const interpreter = await openInterpreter({ ...setting, snapshot: undefined, border: new Border() });
  expect(interpreter.execute(COMMON_IMPORTS));
  answer(interpreter.snapshot());
}

async function serve(snapshot: Uint8Array): Promise<void> {
  const border = new Border();
  const interpreter = await openInterpreter({ ...setting, snapshot, border });
  expect(interpreter.execute(HIDE_BRIDGE));
  answer(Buffer.from(`${READY}\n`));
  const input = readFileSync(0, 'utf8');
  // The sandbox closed, or is gone.
  if (input === '') return;
  answer(Buffer.from(`${JSON.stringify(runJob(interpreter, border, JSON.parse(input) as GuestJob))}\n`));
}

function runJob(interpreter: Interpreter, border: Border, job: GuestJob): GuestReport {
  const stdout = new Beginning(setting.output);
  const stderr = new Ending(setting.output);
  let unread: Uint8Array = Buffer.from(job.stdin, 'utf8');
  interpreter.setStreams({
    stdin: (buffer) => {
      const bytes = unread.subarray(0, buffer.length);
      buffer.set(bytes);
      unread = unread.subarray(bytes.length);
      return bytes.length;
    },
    stdout: (bytes) => stdout.write(bytes),
    stderr: (bytes) => stderr.write(bytes),
  });
  const report = (status: GuestReport['status'], error: string): GuestReport => ({
    status,
    stdout: stdout.text(),
    truncated: stdout.truncated,
    error,
  });

  border.close();
  let passed: boolean;
  try {
    passed = interpreter.execute(job.source) && (job.check === undefined || interpreter.execute(job.check));
    interpreter.execute('import sys; sys.stdout.flush(); sys.stderr.flush()');
  } catch (thrown) {
    return report(...explainEnd(thrown, interpreter.exhausted()));
  }
  if (passed) return report('passed', '');
  const error = stderr.text().trimEnd();
  const lastLine = error.slice(error.lastIndexOf('\n') + 1);
  if (interpreter.exhausted()) return report('memory', error);
  if (border.refused !== undefined || lastLine.startsWith(WITHHELD_MODULE)) return report('blocked', error);
  return report('failed', error);
}

/** What an interpreter that did not come back has thrown. */
function explainEnd(thrown: unknown, exhausted: boolean): [GuestReport['status'], string] {
  if (thrown instanceof WithheldError) return ['blocked', `not in the sandbox: ${thrown.message}`];
  const { name, message } = thrown as Error;
  if (name === 'ExitStatus') return ['failed', message];
  return [exhausted ? 'memory' : 'crashed', `${name}: ${message}`];
}

function answer(bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(ANSWERS, bytes, sent);
}

function expect(prepared: boolean): void {
  if (!prepared) throw new Error('The interpreter could not be prepared.');
}
