/**
 * What an interpreter may still do once a program runs. CPython reaches the world only through the functions that its
 * WebAssembly module imports, so this table is the border: whatever a program finds out about the inside of the
 * interpreter, nothing that is not listed here is behind it any more.
 */

/**
 * Imports that stay: files in memory, clocks and randomness, memory itself, the end of the process, calls within the
 * interpreter, and letting go of what was JavaScript's.
 */
const OPEN = new RegExp(
  `^(${[
    '__syscall_(?:\\w*stat\\w*|openat|fcntl64|ioctl|faccessat|chdir|fchdir|chmod|fchmod\\w*|fchown\\w*|dup3?|fdatasync)',
    '__syscall_(?:f?truncate64|getcwd|getdents64|mkdirat|mknodat|poll|fadvise64|fallocate|readlinkat|unlinkat|rmdir)',
    '__syscall_(?:renameat|symlinkat|utimensat|getuid32_js|umask_js)',
    'fd_\\w+|clock_\\w+|environ_\\w+|random_get|_(?:tzset|timegm|mktime|localtime|gmtime|setitimer)_js',
    '_(?:mmap|munmap|msync)_js|emscripten_(?:date_now|get_now|get_heap_max|resize_heap|runtime_keepalive_\\w+)',
    '_emscripten_(?:get_progname|lookup_name|runtime_keepalive_clear|log_formatted)',
    'exit|proc_exit|__assert_fail|_abort_js|_Py_\\w+|_PyEM_TrampolineCall_JS|__call_sighandler|_try_(?:fcntl64|shutdown)',
    'Jsv(?:Error|Function|Promise|Array|Generator|AsyncGenerator|NoValue)_Check|pyproxy_Check',
    'destroy_\\w+|gc_register_proxies|__hiwire_deduplicate_\\w+',
  ].join('|')})$`,
);

/**
 * Imports that give an errno back: the program gets an `OSError` and may go on. All others are ways to use objects of
 * JavaScript, to call functions by their address (`ctypes`) or to load code. No program gets there by accident, and the
 * attempt ends it.
 */
const REFUSED = /^(_emscripten_system|getaddrinfo|getnameinfo|getprotobyname|_maybe_\w+_async|__syscall_\w+)$/;

/** Operation not permitted, in the numbering of WASI, which Emscripten follows. */
const EPERM = 63;

/** The program has used something whose use ends it. */
export class WithheldError extends Error {}

export class Border {
  /** The first thing that the program was refused. */
  refused: string | undefined;
  #closed = false;

  /** From here on the interpreter gets nothing of what is withheld: its start needs some of it. */
  close(): void {
    this.#closed = true;
  }

  /** Puts a gate before every function of an import table that does not stay open, in place. */
  guard(imports: Record<string, unknown>): void {
    for (const [name, imported] of Object.entries(imports)) {
      if (typeof imported !== 'function' || OPEN.test(name)) continue;
      const refused = REFUSED.test(name);
      imports[name] = (...operands: unknown[]): unknown => {
        if (!this.#closed) return imported(...operands);
        this.refused ??= name;
        if (refused) return -EPERM;
        throw new WithheldError(name);
      };
    }
  }
}
