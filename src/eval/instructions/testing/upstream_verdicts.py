"""Verdicts of lm-evaluation-harness on the cases of `parity-cases.ts`, for `parity.test.ts`.

    npx tsx --eval "import('./src/eval/instructions/testing/parity-cases.ts').then(({ parityCases }) => parityCases().forEach((one) => console.log(JSON.stringify(one))))" > cases.jsonl
    pip install lm_eval==0.4.13 langdetect==1.0.9 nltk==3.10.4 immutabledict   # and nltk's punkt_tab
    python src/eval/instructions/testing/upstream_verdicts.py < cases.jsonl > src/eval/instructions/testing/upstream.jsonl

langdetect draws at random; it is seeded here, which the harness does not do.
"""

import json
import sys

import langdetect
from lm_eval.tasks.ifeval import utils

for line in sys.stdin:
    case = json.loads(line)
    langdetect.DetectorFactory.seed = 0
    prompt = utils.InputExample(0, case["instruction_id_list"], "", case["kwargs"])
    verdicts = [
        "".join("1" if followed else "0" for followed in judge(prompt, case["response"]).follow_instruction_list)
        for judge in (utils.test_instruction_following_strict, utils.test_instruction_following_loose)
    ]
    print(json.dumps({"key": case["key"], "fingerprint": case["fingerprint"], "strict": verdicts[0], "loose": verdicts[1]}))
