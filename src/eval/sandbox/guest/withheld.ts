/**
 * What an interpreter may not do once a program runs. CPython reaches the world only through the functions that its
 * WebAssembly module imports, so this table is the border: whatever a program finds out about the inside of the
 * interpreter, these functions are not behind it any more.
 */

/** Imports that give an errno back: the program gets an `OSError` and may go on. */
const REFUSED =
  /^(_emscripten_system|getaddrinfo|getnameinfo|getprotobyname|_maybe_\w+_async|__syscall_(pipe2?|socket|socketpair|accept4|bind|connect|getpeername|getsockname|getsockopt|setsockopt|listen|recvfrom|recvmsg|sendmsg|sendto|shutdown))$/;

/**
 * Imports by which Python uses objects of JavaScript, calls functions by address (`ctypes`) or loads code: no program
 * gets here by accident, and the attempt ends it.
 */
const FATAL =
  /^(emscripten_asm_const\w*|emscripten_run_script\w*|raw_call_js|create_once_callable|create_promise_handles|set_suspender|syncifyHandler|emscripten_set_up_async_input_device_js|js2python\w*|_?python2js\w*|ffi_\w+|_dlopen_js|_emscripten_dlopen_js|_dlsym_js|Js(Proxy|Map|ObjMap|Array|Buffer|Module|DoubleProxy|vFunction|vObject|vArray|vBuffer|vPromise)_(?!Check)\w+)$/;

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

  /** Puts a gate before every withheld function of an import table, in place. */
  guard(imports: Record<string, unknown>): void {
    for (const [name, imported] of Object.entries(imports)) {
      if (typeof imported !== 'function') continue;
      const fatal = FATAL.test(name);
      if (!fatal && !REFUSED.test(name)) continue;
      imports[name] = (...operands: unknown[]): unknown => {
        if (!this.#closed) return imported(...operands);
        this.refused ??= name;
        if (fatal) throw new WithheldError(name);
        return -EPERM;
      };
    }
  }
}
