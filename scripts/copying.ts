/**
 * Whether models look back: nats per token of what stands in a document for the first time, and of what repeats it.
 *
 *   node --import tsx scripts/copying.ts MODEL...
 *
 * Roll calls read a list of unheard names and numbers again; registers and figures notes read figures off a table, of
 * which only the digits count. A model that cannot look back pays the same for both. Documents are held out; the result is a
 * Markdown table.
 */
import { Scorer } from '../src/eval/score.ts';
import { generateFinance, generateGeneral } from '../src/finworld/index.ts';
import { loadModel } from '../src/models/model.ts';
import { Engine } from '../src/runtime/engine.ts';

const documents = 40;

/** Where the repetition begins: after the first paragraph, or after the table below the heading. */
const kinds = [
  { genre: 'roll-call', generate: generateGeneral, paragraphs: 1, digitsOnly: false },
  { genre: 'register', generate: generateGeneral, paragraphs: 2, digitsOnly: true },
  { genre: 'figures-note', generate: generateFinance, paragraphs: 2, digitsOnly: true },
] as const;

console.log(`| model | ${kinds.map(({ genre }) => `${genre}, first | again`).join(' | ')} |`);
console.log(`| --- | ${kinds.map(() => '---: | ---:').join(' | ')} |`);
const engine = new Engine();
for (const folder of process.argv.slice(2)) {
  const model = await loadModel(folder);
  const tokenizer = model.tokenizer!;
  const scorer = new Scorer(engine, model);
  const cells: string[] = [];
  for (const { genre, generate, paragraphs, digitsOnly } of kinds) {
    const sums = { first: { nats: 0, tokens: 0 }, again: { nats: 0, tokens: 0 } };
    for (const { text } of generate({ seed: 0, split: 'heldout', documents, genres: [genre] })) {
      const begins = text.split('\n\n').slice(0, paragraphs).join('\n\n').length;
      const ids = [...tokenizer.encode(text, { addSpecialTokens: false })].slice(0, model.decoder.sizes.positions);
      const { logProbabilities } = await scorer.score(ids);
      let at = 0;
      ids.forEach((id, i) => {
        const piece = tokenizer.decode([id]);
        const logProbability = logProbabilities[i];
        if (logProbability !== null && (!digitsOnly || /^\d+$/.test(piece))) {
          const sum = at < begins ? sums.first : sums.again;
          sum.nats -= logProbability;
          sum.tokens++;
        }
        at += piece.length;
      });
    }
    cells.push(...[sums.first, sums.again].map(({ nats, tokens }) => (nats / tokens).toFixed(2)));
  }
  console.log(`| ${folder} | ${cells.join(' | ')} |`);
  scorer.release();
}
await engine.close();
