/** A merge in a process of its own, which prints a character for every tensor: `merge-child.ts OUT THREADS`, in its folder. */
import { mergeModels } from '../../src/merge/merge-models.ts';
import { readMergeRecipes } from '../../src/merge/recipe/read-merge-recipe.ts';

const [out, threads] = process.argv.slice(2);
const [recipe] = await readMergeRecipes('merge.yaml');
const { resumed } = await mergeModels(recipe, out, {
  threads: Number(threads),
  resolve: async (name) => name,
  onProgress: ({ phase }) => process.stdout.write(phase === 'merge' ? '.' : ','),
});
process.stdout.write(`${resumed}\n`);
