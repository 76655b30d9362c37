/** Imports every operator family, so that `operators()` is complete. */
import '../graph.ts';
import './attention.ts';
import './elementwise.ts';
import './grouped.ts';
import './indexing.ts';
import './linear.ts';
import './loss.ts';
import './normalize.ts';
import './reduce.ts';
import './rotary.ts';
import './routing.ts';
import './shape.ts';
