/** Python that prepares an interpreter for programs of others. */

/** Imported before the snapshot is taken, so that programs need not wait: what the tasks of code benchmarks use. */
export const COMMON_IMPORTS = `
def _import_common():
    import ast, bisect, cmath, collections, collections.abc, contextlib, copy, dataclasses, datetime, decimal, enum
    import fractions, functools, hashlib, heapq, inspect, io, itertools, json, math, operator, os, queue, random, re
    import statistics, string, sys, textwrap, time, traceback, types, typing, unittest, uuid

_import_common()
del _import_common
`;

/** The beginning of the error that importing a withheld module gives. */
export const WITHHELD_MODULE = 'ImportError: not in the sandbox: ';

/**
 * Takes Pyodide's bridge to JavaScript and `ctypes` out of the interpreter's sight, and what Pyodide hooked into it. This
 * is for clear errors; the border (`withheld.ts`) is what holds.
 */
export const HIDE_BRIDGE = `
def _hide_bridge():
    import gc, sys
    withheld = {'js', 'pyodide', 'pyodide_js', '_pyodide', '_pyodide_core', 'micropip', 'ctypes', '_ctypes'}

    class Withheld:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition('.')[0] in withheld:
                raise ImportError('not in the sandbox: ' + name, name=name)

    native = ('BuiltinImporter', 'FrozenImporter', 'PathFinder')
    sys.meta_path[:] = [Withheld] + [finder for finder in sys.meta_path if getattr(finder, '__name__', '') in native]
    for name in list(sys.modules):
        if name.partition('.')[0] in withheld:
            del sys.modules[name]
    sys.excepthook = sys.__excepthook__
    sys.argv[:] = ['']
    names = sys.modules['__main__'].__dict__
    for name in [name for name in names if not name.startswith('__')]:
        del names[name]
    gc.collect()

_hide_bridge()
`;
