import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../errors.ts';
import { runProgram } from './program.ts';
import type { Configure, Verb } from './verb.ts';

afterEach(() => vi.unstubAllEnvs());

/** Streams that remember; `terminal` makes them look like one. */
function streams(terminal: boolean) {
  const make = () => {
    const stream = Object.assign(new PassThrough(), { isTTY: terminal, columns: 80 });
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
  };
  return { out: make(), err: make() };
}

const problem = { field: 'a.jsonl, line 7', found: 'a\x1b[2Jnumber', expected: 'text', fix: 'Correct it.' };

const verb = (name: string, configure: Configure, load = vi.fn()): Verb => ({
  name,
  summary: `What ${name} does`,
  load: async () => {
    load();
    return { configure };
  },
});

const verbs: readonly Verb[] = [
  verb('greet', (command, terminal) => {
    command
      .argument('<name>')
      .option('--times <n>')
      .action(async (name: string) => {
        terminal.talk('thinking');
        await terminal.print({ hello: name }, () => terminal.style.bold(`hello ${name}`));
      });
  }),
  verb('refuse', (command) => {
    command.action(() => {
      throw new InputError(problem);
    });
  }),
  verb('crash', (command) => {
    command.action(() => {
      throw new TypeError('x is not a function');
    });
  }),
];

async function run(words: readonly string[], { terminal = false, table = verbs } = {}) {
  const { out, err } = streams(terminal);
  const code = await runProgram(words, { stdout: out.stream, stderr: err.stream }, '1.2.3', table);
  return { code, stdout: out.text(), stderr: err.text() };
}

describe('the command line', () => {
  it('prints results on stdout and talk on stderr', async () => {
    expect(await run(['greet', 'Ada'])).toEqual({ code: 0, stdout: 'hello Ada\n', stderr: 'thinking\n' });
    expect(await run(['greet', 'Ada', '--quiet'])).toEqual({ code: 0, stdout: 'hello Ada\n', stderr: '' });
    expect(await run(['greet', 'Ada', '--json'])).toMatchObject({ code: 0, stdout: '{"hello":"Ada"}\n' });
    expect(await run(['--json', 'greet', 'Ada'])).toMatchObject({ code: 0, stdout: '{"hello":"Ada"}\n' });
  });

  it('colours for a terminal unless NO_COLOR is set', async () => {
    vi.stubEnv('NO_COLOR', '');
    for (const words of [['greet', 'Ada'], ['--help'], ['refuse']]) {
      const { stdout, stderr } = await run(words, { terminal: true });
      expect(stdout + stderr, words.join(' ')).toContain('\x1b[');
    }
    vi.stubEnv('NO_COLOR', '1');
    for (const words of [['greet', 'Ada'], ['--help'], ['refuse'], ['crash'], ['nope']]) {
      const { stdout, stderr } = await run(words, { terminal: true });
      expect(stdout + stderr, words.join(' ')).not.toContain('\x1b');
    }
  });

  it('tells a problem in four lines, without what could move the cursor', async () => {
    expect(await run(['refuse'])).toEqual({
      code: 3,
      stdout: '',
      stderr: [
        'error: a.jsonl, line 7',
        '  found     a\\u{1b}[2Jnumber',
        '  expected  text',
        '  fix       Correct it.',
        '',
      ].join('\n'),
    });
  });

  it('gives the problem as JSON with --json', async () => {
    expect(JSON.parse((await run(['refuse', '--json'])).stdout)).toEqual({ error: problem });
    const { code, stdout } = await run(['greet', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.found).toBe("missing required argument 'name'");
    expect(JSON.parse((await run(['crash', '--json'])).stdout).error.found).toBe('x is not a function');
  });

  it('shows the stack of an internal fault only for debugging', async () => {
    vi.stubEnv('FINERY_DEBUG', '');
    const plain = await run(['crash']);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(/^internal fault: x is not a function\n/);
    expect(plain.stderr).toContain('FINERY_DEBUG=1');
    expect(plain.stderr).not.toContain('    at ');
    vi.stubEnv('FINERY_DEBUG', '1');
    expect((await run(['crash'])).stderr).toContain('    at ');
    expect((await run(['refuse'])).stderr).not.toContain('    at ');
  });

  it.each([
    [['gret'], 'Did you mean greet?'],
    [['greet', 'Ada', '--tims', '3'], 'Did you mean --times?'],
    [['greet', 'Ada', '--times'], 'argument missing'],
    [['greet', 'Ada', 'Eve'], 'too many arguments'],
    [['greet'], "missing required argument 'name'"],
    [['--nope'], "unknown option '--nope'"],
  ])('refuses %j', async (words, message) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('helps: with a command, without one, and by the word', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('What greet does');
    expect(await run([])).toEqual({ code: 2, stdout: '', stderr: help.stdout });
    const greet = await run(['greet', '--help']);
    expect(greet.stdout).toContain('--times <n>');
    expect(await run(['help', 'greet'])).toEqual(greet);
    expect(await run(['help'])).toEqual(help);
    expect(await run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  });

  it('loads a command only when it is called', async () => {
    const loads = [vi.fn(), vi.fn()];
    const table = loads.map((load, i) => verb(`verb${i}`, (command) => void command.action(() => {}), load));
    await run(['--help'], { table });
    expect(loads.map((load) => load.mock.calls.length)).toEqual([0, 0]);
    await run(['verb1'], { table });
    expect(loads.map((load) => load.mock.calls.length)).toEqual([0, 1]);
  });
});
