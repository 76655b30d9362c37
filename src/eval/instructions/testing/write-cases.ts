/** Prints the cases of parity with the upstream program, one per line. */
import { fingerprint, parityCases } from './parity-cases.ts';

for (const one of parityCases()) {
  process.stdout.write(`${JSON.stringify({ ...one, fingerprint: fingerprint(one) })}\n`);
}
