/** Questions of the synthetic finance world whose replies have to say certain facts. */
import type { Document } from '../task.ts';
import type { Results } from './results.ts';

/** How many of the document's `facts` the first answer says word for word, and whether it says all. */
export function statedFacts({ facts }: Document, [answer = '']: readonly string[]): Results {
  const wanted = Array.isArray(facts) ? facts.map(String) : [];
  const stated = wanted.filter((fact) => answer.includes(fact)).length;
  return { fact_recall: { sum: stated, weight: wanted.length }, all_facts: stated === wanted.length ? 1 : 0 };
}
