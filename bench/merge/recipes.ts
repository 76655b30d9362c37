/** Recipes that both sides read, with `@name` for the models. */

const three = (parameters: string): string =>
  ['a', 'b', 'c'].map((name) => `  - {model: "@${name}", parameters: {weight: 0.3${parameters}}}`).join('\n');

const onBase = (method: string, parameters = '', settings = ''): string =>
  `merge_method: ${method}\nbase_model: "@base"\nmodels:\n${three(parameters)}\nparameters: {${settings}}\ndtype: bfloat16\n`;

export const recipes: Readonly<Record<string, string>> = {
  linear: `merge_method: linear\nmodels:\n  - {model: "@base", parameters: {weight: 0.1}}\n${three('')}\ndtype: bfloat16\n`,
  task_arithmetic: onBase('task_arithmetic'),
  slerp:
    'merge_method: slerp\nbase_model: "@base"\nmodels: [{model: "@base"}, {model: "@a"}]\nparameters: {t: 0.4}\ndtype: bfloat16\n',
  ties: onBase('ties', ', density: 0.5'),
  dare_ties: onBase('dare_ties', ', density: 0.5'),
  della: onBase('della', ', density: 0.5, epsilon: 0.1'),
  breadcrumbs: onBase('breadcrumbs', ', density: 0.5'),
  sce: onBase('sce', '', 'select_topk: 0.2'),
  model_stock: onBase('model_stock'),
};
