/**
 * Property tests draw the same cases every time, so that what passes here passes elsewhere. `FINERY_PROPERTY_SEED=random`
 * draws others, and any number draws its own; a failure names the seed.
 */
import fc from 'fast-check';

const { FINERY_PROPERTY_SEED: seed = '2026' } = process.env;
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });
