export const transmission = [
  'higher rates make borrowing dearer, which cools demand and, after a while, price increases',
  'a lower policy rate reduces the cost of loans and the reward for saving, and so supports spending',
  'banks {pass|usually pass} changes of the policy rate on to {mortgages|business loans} within a few months',
  'wages {follow|tend to follow} prices with a delay, which is why {expectations|inflation expectations} matter',
  'bond yields {moved|had moved} little before the meeting, since investors {expected|had expected} the decision',
  'the exchange rate {influences|affects} import prices and thereby {inflation|the cost of living}',
  'firms in <industry>, for example, {reported|told the regional agents} that {demand from <customer> had changed|the cost of <input> was the main concern}',
  'house prices {react|respond} to mortgage rates more quickly than most other prices',
  'investment plans depend on {the cost of capital|real interest rates} as well as on confidence',
] as const;
