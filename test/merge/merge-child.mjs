/**
 * A merge in a process of its own, which prints a character for every tensor: `merge-child.mjs OUT THREADS src|dist`, in its
 * folder. What was built starts faster than the sources.
 */
const [out, threads, from] = process.argv.slice(2);
const load = (path) => import(`../../${from}/${path}.${from === 'dist' ? 'js' : 'ts'}`);
const { mergeModels } = await load('merge/merge-models');
const { readMergeRecipes } = await load('merge/recipe/read-merge-recipe');
const [recipe] = await readMergeRecipes('merge.yaml');
const { resumed } = await mergeModels(recipe, out, {
  threads: Number(threads),
  resolve: async (name) => name,
  onProgress: ({ phase }) => process.stdout.write(phase === 'merge' ? '.' : ','),
});
process.stdout.write(`${resumed}\n`);
