/** `finery merge` of a recipe that names adapters: several into one. */
import { saveAdapter } from '../../../adapters/peft/save-adapter.ts';
import { scaleOf } from '../../../adapters/settings.ts';
import { requireAbsent } from '../../../files/atomic-write.ts';
import type { AdapterRecipe } from '../../../merge/adapters/adapter-recipe.ts';
import { combineAdapters } from '../../../merge/adapters/combine-adapters.ts';
import { type CombinationPlan, planCombination } from '../../../merge/adapters/plan-combination.ts';
import { formatBytes, formatPlural } from '../../../observe/numbers.ts';
import { byteWidth } from '../../../tensor/element-type.ts';
import { formatFields } from '../../layout.ts';
import { modelFolder } from '../../model-folder.ts';
import { printable, type Style } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

export async function mergeAdapterRecipe(
  recipe: AdapterRecipe,
  out: string,
  { dryRun = false }: { readonly dryRun?: boolean },
  terminal: Terminal,
): Promise<void> {
  if (!dryRun) await requireAbsent(out);
  const plan = await planCombination(recipe, { resolve: (name) => modelFolder(name, terminal) });
  for (const warning of plan.warnings) terminal.warn(printable(warning));
  if (!dryRun) await combine(plan, out, terminal);
  await terminal.print(planDocument(plan, out), () => describePlan(plan, out, terminal.style));
}

async function combine(
  { recipe, parts, baseModel, taskType }: CombinationPlan,
  out: string,
  terminal: Terminal,
): Promise<void> {
  const { form, options, dtype } = recipe;
  const line = terminal.progressLine();
  try {
    const combined = await combineAdapters(parts, {
      form,
      ...options,
      signal: terminal.signal,
      onProgress: ({ done, total }) => line.update({ stage: 'combine', step: done, total }),
    });
    await saveAdapter(out, combined, { baseModel, taskType, dtype });
  } finally {
    line.done();
  }
}

function planDocument({ recipe, parts, sizes, baseModel, warnings }: CombinationPlan, out: string) {
  const { form, options, dtype } = recipe;
  return {
    out,
    combination_type: form,
    density: options.density,
    majority_sign_method: options.election,
    seed: options.seed,
    adapters: parts.map(({ name, weight, adapter }) => {
      const { settings, modules } = adapter;
      return {
        adapter: name,
        weight,
        method: settings.method,
        r: settings.r,
        scale: scaleOf(settings),
        layers: modules.size,
      };
    }),
    base_model: baseModel ?? null,
    r: sizes.rank,
    layers: sizes.layers,
    dtype,
    bytes: byteWidth(dtype) * sizes.elements,
    largest_whole_layer_bytes: 4 * sizes.wholeLayer,
    decomposition_bytes: sizes.truncation,
    warnings,
  };
}

function describePlan({ recipe, parts, sizes, baseModel }: CombinationPlan, out: string, style: Style): string {
  const describePart = ({ name, weight, adapter }: CombinationPlan['parts'][number]) => {
    const { method, r } = adapter.settings;
    return `${weight} x ${printable(name)} ${style.dim(`${method} of rank ${r}`)}`;
  };
  const whole = `${formatBytes(4 * sizes.wholeLayer)} for the largest layer as a whole, ${formatBytes(sizes.truncation)} to decompose it`;
  return formatFields(
    [
      ['adapter', style.bold(printable(out))],
      ['form', recipe.form],
      ['of', parts.map(describePart).join('\n')],
      ['base', baseModel && printable(baseModel)],
      ['rank', `${sizes.rank}, in ${formatPlural(sizes.layers, 'linear layer')}`],
      ['size', `${formatBytes(byteWidth(recipe.dtype) * sizes.elements)} as ${recipe.dtype}`],
      ['memory', sizes.wholeLayer > 0 ? whole : undefined],
    ],
    style,
  );
}
