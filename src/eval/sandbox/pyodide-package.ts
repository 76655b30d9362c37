/**
 * Where the Python of the sandbox is installed. It is an optional peer dependency: 14 MB that only running programs of
 * models needs.
 */
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.ts';

/** Exactly this one: the sandbox relies on parts that Pyodide does not promise to keep. */
const PYODIDE_VERSION = '314.0.7';

/** Folder of the installed package. Throws `UsageError` if it is missing, or another version. */
export async function findPyodide(
  locateManifest: () => string = () => import.meta.resolve('pyodide/package.json'),
): Promise<string> {
  const manifest = await readManifest(locateManifest);
  if (manifest?.version === PYODIDE_VERSION) return manifest.folder;
  throw new UsageError({
    field: 'pyodide',
    found: manifest ? `version ${manifest.version}` : 'no such package',
    expected: `version ${PYODIDE_VERSION}, which runs Python programs in a sandbox`,
    fix: `Run: npm install pyodide@${PYODIDE_VERSION}`,
  });
}

async function readManifest(
  locate: () => string,
): Promise<{ readonly folder: string; readonly version: string } | undefined> {
  try {
    const path = await realpath(fileURLToPath(locate()));
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: unknown };
    return { folder: dirname(path), version: String(version) };
  } catch {
    return undefined;
  }
}
