/** The JavaScript file that a guest process runs. */
import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface GuestProgram {
  readonly entry: string;
  /** The folder that holds all of its code. */
  readonly folder: string;
}

/**
 * Compiled, the guest is the file beside this one. Where the sources themselves run, as in tests, it is compiled into
 * `folder`: a guest may read nothing that could teach it TypeScript.
 */
export async function prepareGuestProgram(folder: string): Promise<GuestProgram> {
  if (!import.meta.url.endsWith('.ts')) {
    const entry = await realpath(fileURLToPath(new URL('./guest/main.js', import.meta.url)));
    return { entry, folder: dirname(entry) };
  }
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const { build } = createRequire(tsx)('esbuild') as {
    build(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  };
  const entry = join(folder, 'guest.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./guest/main.ts', import.meta.url))],
    outfile: entry,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  return { entry, folder };
}
