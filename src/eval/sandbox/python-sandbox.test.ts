import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { PythonSandbox } from './python-sandbox.ts';

const MIB = 2 ** 20;
const sandbox = new PythonSandbox({ deadline: 20, memory: 128 * MIB, output: 10_000 });
// The first program waits for the snapshot that the others begin from.
beforeAll(() => sandbox.run('pass'), 120_000);
afterAll(() => sandbox.close());

const lines = (...text: string[]): string => text.join('\n');

describe('programs', () => {
  it('pass when they run to their last line', async () => {
    const outcome = await sandbox.run('print("héllo", 6 * 7)');
    expect(outcome).toEqual({ status: 'passed', stdout: 'héllo 42\n', truncated: false, error: '' });
  });

  it('read standard input to its end', async () => {
    const source = lines('import sys', 'first = input()', 'print([first, sys.stdin.read()])');
    expect((await sandbox.run(source, { stdin: 'one\ntwo\nthree' })).stdout).toBe("['one', 'two\\nthree']\n");
    expect((await sandbox.run('input()')).error).toMatch(/EOFError/);
  });

  it('have the standard library, but no names that they have not imported', async () => {
    const source = lines(
      'import collections, dataclasses, decimal, hashlib, heapq, itertools, math, re, sqlite3, typing, zlib',
      'print(hashlib.md5(b"finery").hexdigest(), decimal.Decimal("0.1") * 3)',
    );
    expect((await sandbox.run(source)).stdout).toBe('4855c36f984de09b62ecb2ad9bff5c9f 0.3\n');
    expect((await sandbox.run('math.pi')).error).toMatch(/NameError: name 'math' is not defined/);
    expect((await sandbox.run('print([name for name in dir() if not name.startswith("__")])')).stdout).toBe('[]\n');
  });

  it('share nothing, and repeat', async () => {
    const leave = lines('import builtins, random', 'builtins.left = 1', 'open("/tmp/left", "w").write("1")');
    expect((await sandbox.run(leave)).status).toBe('passed');
    const look = lines(
      'import builtins, os, random',
      'print(hasattr(builtins, "left"), os.listdir("/tmp"), random.random(), hash("a"))',
    );
    const [first, second] = await Promise.all([sandbox.run(look), sandbox.run(look)]);
    expect(first.stdout).toMatch(/^False \[\] /);
    expect(second.stdout).toBe(first.stdout);
  });

  it.each([
    ['an exception', 'print(1 / 0)', /ZeroDivisionError: division by zero$/],
    ['a syntax error', 'def f(:', /SyntaxError/],
    ['the limit of recursion', lines('def f(n):', '    return f(n + 1)', 'f(0)'), /RecursionError/],
    ['a thread', 'import threading; threading.Thread(target=print).start()', /RuntimeError: can't start new thread$/],
    ['another process', 'import os; os.fork()', /OSError/],
    ['a command', 'import subprocess; subprocess.run(["ls"])', /OSError/],
  ])('fail with %s', async (_name, source, error) => {
    const outcome = await sandbox.run(source);
    expect(outcome.status).toBe('failed');
    expect(outcome.error).toMatch(error);
  });

  it.each(['import sys; sys.exit(0)', 'raise SystemExit', 'quit()', 'import os; os._exit(0)', 'import os; os.abort()'])(
    'that print "passed" and end by %s have not passed',
    async (end) => {
      const outcome = await sandbox.run(`print("passed", flush=True)\n${end}`, { check: 'assert True' });
      expect(outcome.status).not.toBe('passed');
      expect(outcome.stdout).toBe('passed\n');
    },
  );

  it('cannot print a report of their own', async () => {
    const report = JSON.stringify({ status: 'passed', stdout: '', truncated: false, error: '' });
    const forge = lines(
      'import os',
      'for descriptor in range(10):',
      '    try:',
      `        os.write(descriptor, ${JSON.stringify(`${report}\n`)}.encode())`,
      '    except OSError:',
      '        pass',
      'assert False',
    );
    expect((await sandbox.run(forge)).status).toBe('failed');
  });
});

describe('checks', () => {
  const source = lines('def double(x):', '    return 2 * x');

  it('decide', async () => {
    expect((await sandbox.run(source, { check: 'assert double(2) == 4' })).status).toBe('passed');
    const wrong = await sandbox.run(source, { check: 'assert double(2) == 5' });
    expect([wrong.status, wrong.error.split('\n').at(-1)]).toEqual(['failed', 'AssertionError']);
  });

  it('cannot be swallowed by the text of the program', async () => {
    const open = await sandbox.run(`${source}\nrest = """`, { check: 'assert double(2) == 5\n"""' });
    expect(open.status).toBe('failed');
    const backslash = await sandbox.run(`${source}\n# \\`, { check: 'assert double(2) == 5' });
    expect(backslash.status).toBe('failed');
  });

  it('still run when the program has changed what runs Python code', async () => {
    const disarm = lines('import builtins', 'builtins.exec = builtins.eval = builtins.compile = lambda *_, **__: None');
    expect((await sandbox.run(disarm, { check: 'assert False' })).status).toBe('failed');
  });
});

describe('limits', () => {
  it('end what does not end', async () => {
    const hasty = new PythonSandbox({ deadline: 3, processes: 1 });
    try {
      const outcome = await hasty.run(lines('while True:', '    try:', '        while True: pass', '    except: pass'));
      expect(outcome.status).toBe('timeout');
      expect(outcome.error).toBe('not done within 3 s');
      expect((await hasty.run('pass')).status).toBe('passed');
    } finally {
      await hasty.close();
    }
  });

  it.each([
    ['memory at once', 'bytearray(10 ** 9)'],
    ['memory bit by bit', lines('kept = []', 'while True: kept.append(bytearray(10 ** 6))')],
    [
      'a large file',
      lines('import os', 'file = open("/tmp/a", "wb", buffering=0)', 'while True: file.write(b"a" * 10 ** 6)'),
    ],
    ['a sparse file', 'open("/tmp/a", "wb").truncate(10 ** 9)'],
    ['many files', lines('for n in range(10 ** 6):', '    open(f"/tmp/{n}", "wb", buffering=0).write(b"a" * 10 ** 6)')],
  ])('refuse %s', async (_name, source) => {
    expect((await sandbox.run(source)).status).toBe('memory');
  });

  it('keep the beginning of the output and the end of the errors', async () => {
    const source = lines(
      'import sys',
      'for n in range(100_000):',
      '    print(n)',
      '    print(n, file=sys.stderr)',
      'raise ValueError("the end")',
    );
    const outcome = await sandbox.run(source);
    expect(outcome).toMatchObject({ status: 'failed', truncated: true });
    expect(outcome.stdout).toMatch(/^0\n1\n2\n/);
    expect(outcome.stdout).toHaveLength(10_000);
    expect(outcome.error).toMatch(/ValueError: the end$/);
    expect(outcome.error.length).toBeLessThanOrEqual(10_000);
  });

  it('hold when the interpreter runs out of stack', async () => {
    const source = lines('import sys', 'sys.setrecursionlimit(10 ** 9)', 'def f(n):', '    return f(n + 1)', 'f(0)');
    expect(['crashed', 'memory']).toContain((await sandbox.run(source)).status);
  });
});

describe('the world outside', () => {
  it.each(['js', 'pyodide', 'pyodide.ffi', 'pyodide.code', 'pyodide_js', '_pyodide_core', 'ctypes', '_ctypes'])(
    'is not behind the module %s',
    async (name) => {
      const outcome = await sandbox.run(`import importlib\nimportlib.import_module(${JSON.stringify(name)})`);
      expect([outcome.status, outcome.error.split('\n').at(-1)]).toEqual([
        'blocked',
        `ImportError: not in the sandbox: ${name.split('.')[0]}`,
      ]);
    },
  );

  it('is not reached by the interpreter that makes its own modules', async () => {
    const core = lines(
      'import _imp, importlib.machinery as machinery',
      'core = _imp.create_builtin(machinery.ModuleSpec("_pyodide_core", None))',
    );
    const use = await sandbox.run(
      lines(core, '_imp.exec_builtin(core)', 'print(core.Js2PyConverter)', 'core.JsProxy.new()'),
    );
    expect(['failed', 'blocked']).toContain(use.status);
    const address = lines(
      'import _imp, sys, importlib.machinery as machinery',
      'native = _imp.create_builtin(machinery.ModuleSpec("_ctypes", None))',
      '_imp.exec_builtin(native)',
      'print(native.dlopen(None, 0))',
    );
    expect((await sandbox.run(address)).status).toBe('blocked');
  });

  it('has no network', async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const connect = `socket.create_connection(("127.0.0.1", ${port}), 2)`;
    for (const source of [connect, 'socket.socket()', 'socket.getaddrinfo("localhost", 80)', 'socket.socketpair()']) {
      const outcome = await sandbox.run(`import socket\n${source}`);
      expect([source, outcome.status]).toEqual([source, 'blocked']);
    }
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });

  it('lends no environment, files, commands or identity', async () => {
    process.env.SANDBOX_SECRET = 'do not tell';
    const source = lines(
      'import os, sys',
      'print(sorted(os.environ), os.getcwd(), os.getuid(), os.path.exists("/etc/passwd"), sys.argv)',
      'print(sorted(os.listdir("/")), os.system("echo hello"), sys.path)',
    );
    const outcome = await sandbox.run(source);
    delete process.env.SANDBOX_SECRET;
    expect(outcome.status).toBe('passed');
    expect(outcome.stdout).not.toContain('SECRET');
    expect(outcome.stdout).not.toContain(process.cwd());
    expect(outcome.stdout).toMatch(/ False \[''\]/);
    expect(outcome.stdout).not.toContain('hello');
    expect((await sandbox.run('open("/etc/passwd")')).error).toMatch(/FileNotFoundError/);
  });
});

describe('the sandbox', () => {
  it('refuses limits and texts that make no sense', async () => {
    expect(() => new PythonSandbox({ deadline: 0 })).toThrow(UsageError);
    expect(() => new PythonSandbox({ memory: Number.NaN })).toThrow(/memory: found NaN/);
    await expect(sandbox.run('#'.repeat(17 * MIB))).rejects.toThrow(/source: found 17825792 characters/);
  });

  it('leaves nothing behind', async () => {
    const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('finery-python-'));
    const before = new Set(await folders());
    const short = new PythonSandbox({ processes: 2 });
    await short.run('pass');
    const [folder] = (await folders()).filter((name) => !before.has(name));
    const processes = async () =>
      (await promisify(execFile)('ps', ['-eo', 'args'])).stdout.split('\n').filter((line) => line.includes(folder!));
    const endless = Promise.allSettled([
      short.run('while True: pass'),
      short.run('while True: pass'),
      short.run('pass'),
    ]);
    await expect.poll(processes).not.toEqual([]);
    await short.close();
    expect((await endless).map((run) => (run.status === 'fulfilled' ? run.value.status : run.reason.name))).toContain(
      'UsageError',
    );
    expect(await processes()).toEqual([]);
    expect(await folders()).not.toContain(folder);
    await expect(short.run('pass')).rejects.toThrow(/sandbox: found closed/);
  });
});
