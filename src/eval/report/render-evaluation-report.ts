export const renderEvaluationReport = (x: unknown): string => JSON.stringify(x);
