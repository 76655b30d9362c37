"""Writes test/golden/tokenizer.json: what the Hugging Face tokenizers library makes of texts, for golden.test.ts.

    python scripts/goldens/tokenizer.py > test/golden/tokenizer.json

Needs `tokenizers` and `jinja2`. Every tokenizer is trained here on sentences written for this file, so that the golden
file holds nothing of others: one of each kind that checkpoints come with, and one by the trainer that ours must equal.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import jinja2
import tokenizers
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ROOT / "src" / "tokenizer" / "train"

CORPUS = [
    "Revenue rose 12.5% to $1,284.7 million in 2023, and the board raised the dividend to $0.35 per share.\n",
    "The company's margin wasn't helped by higher freight costs; operating income fell 3.1% to $96.4 million.\n",
    "Net interest income was €48,200 thousand (2022: €45,910 thousand), as rates rose by 150 basis points.\n",
    "We'd expected the bank to hold rates. They've held rates at 5.25%, and they'll hold them again.\n",
    "Total assets: 10,482\nTotal liabilities: 7,316\nTotal equity: 3,166\n\nThe ratio of debt to equity is 2.31.\n",
    "the the the rate rate of of the rating of the rater, rated and rerated: rates, ratio, ratios, rational.\n",
    "Die Umsätze stiegen um 4,2 Prozent. Le bénéfice a augmenté. 利润增长了百分之十二。売上高は増加した。\n",
    "    if revenue > cost:\n        profit = revenue - cost\n    else:\n        profit = 0\n",
    "aaaaaaaa aaaa aaa aa a abababab ababab abab ab xyxyxyx yxyxyxy zzzzzzz zzzzz ======== ------ ......\n",
] * 3

TEXTS = [
    "",
    " ",
    "Revenue rose 7% to $12.9 million.",
    "The bank hasn't raised rates since 1999; THEY'VE said they'LL wait.",
    "  two  spaces   three    four\t\ttabs \n\n lines\r\n\r\n end  ",
    "naïve café Straße — “quoted” … €5 £6 ¥7",
    "利润增长了12%，売上高は3億円。",
    "emoji 📈📉 family 👨\u200d👩\u200d👧 flag 🇨🇭 skin 👍🏽",
    "combining e\u0301 n\u0303 and composed é ñ; ﬁ ligature; Å and Å",
    "control \x00\x01\x07\x1b[31m\x7f and \u0085 next \u00a0 no-break \u2028 line \u2029 para \ufeff bom \u200b zero",
    "digits ١٢٣ ²³ ½ Ⅷ 12345678901234567890",
    "x" * 300 + "aaaaaaa" * 40 + "=" * 100,
    "a<|endoftext|>b <|im_start|>user\nhello<|im_end|> <s>[UNK]</s>",
    "Ünïcödé ÀÉÎ ſpecial 'ſ K'S 'T",
    "<|endoftext|><|endoftext|> <|endo<|endoftext|>ftext|>",
    "مرحبا بالعالم हिन्दी ภาษาไทย 한국어 Ελληνικά Кириллица",
]

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def source_string(file: str, pattern: str) -> str:
    """A constant of the TypeScript sources, so that what is tested is what is shipped."""
    return re.search(pattern, (TRAIN / file).read_text(), re.S).group(1)


def our_pattern() -> str:
    file = "pre-tokenizer.ts"
    names = source_string(file, r"Regex: \[([A-Z_, ]+)\]").split(", ")
    return "|".join(source_string(file, rf"const {name} = (?:String\.raw)?[`'\"](.*?)[`'\"];\n") for name in names)


def reserved_tokens() -> list[tuple[str, bool]]:
    marks = ["tool_call", "tool_response", "think", "calc", "calc_result"]
    plain = [f"<{slash}{mark}>" for mark in marks for slash in ("", "/")]
    special = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
    spare = [f"<|spare_{i}|>" for i in range(64)]
    return [(token, True) for token in special] + [(token, False) for token in plain] + [(token, True) for token in spare]


def train_bpe(tokenizer: Tokenizer, size: int, special: list, min_frequency: int = 2) -> Tokenizer:
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=min_frequency,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def ours(size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(our_pattern()), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    added = [tokenizers.AddedToken(token, normalized=False) for token, _ in reserved_tokens()]
    data = json.loads(train_bpe(tokenizer, size, added).to_str())
    # The trainer makes everything it reserves special; the marks are not.
    for token, (_, special) in zip(data["added_tokens"], reserved_tokens(), strict=True):
        token["special"] = special
    return Tokenizer.from_str(json.dumps(data))


def byte_level(normalizer, pre_tokenizer, ignore_merges: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    return train_bpe(tokenizer, 500, SPECIAL)


def without_some_merges(tokenizer: Tokenizer) -> Tokenizer:
    """Drops every third merge, so that words remain which only `ignore_merges` can find."""
    data = json.loads(tokenizer.to_str())
    data["model"]["merges"] = [merge for i, merge in enumerate(data["model"]["merges"]) if i % 3]
    return Tokenizer.from_str(json.dumps(data))


def sentencepiece_like() -> Tokenizer:
    """As Llama 2: BPE over characters, ▁ for spaces, bytes for what is not in the vocabulary, <s> in front."""
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=first, limit_alphabet=60, show_progress=False)
    tokenizer.train_from_iterator((line[:40] for line in CORPUS), trainer)
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = data["added_tokens"][:3]
    data["model"]["unk_token"], data["model"]["byte_fallback"], data["model"]["fuse_unk"] = "<unk>", True, True
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def word_piece() -> Tokenizer:
    """As BERT."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    trainer = trainers.WordPieceTrainer(
        vocab_size=300, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]"))
    )
    return tokenizer


def words_of_words() -> Tokenizer:
    """BPE over characters, with words cut at whitespace, then at every punctuation mark and digit."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=False)]
    )
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator([*CORPUS, *TEXTS], trainer)
    return tokenizer


def unigram() -> Tokenizer:
    """As T5."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    return tokenizer


def results(tokenizer: Tokenizer) -> dict:
    """Ids with special tokens found in the text, ids with special tokens as ordinary text, and ids with the frame."""
    found, framed, plain = [], [], []
    for text in TEXTS:
        tokenizer.encode_special_tokens = False
        found.append(tokenizer.encode(text, add_special_tokens=False).ids)
        framed.append(tokenizer.encode(text, add_special_tokens=True).ids)
        tokenizer.encode_special_tokens = True
        plain.append(tokenizer.encode(text, add_special_tokens=False).ids)
    tokenizer.encode_special_tokens = False
    decoded = [tokenizer.decode(ids, skip_special_tokens=False) for ids in found]
    skipped = [tokenizer.decode(ids, skip_special_tokens=True) for ids in framed]
    return {"found": found, "framed": framed, "plain": plain, "decoded": decoded, "skipped": skipped}


def chats() -> dict:
    """Renderings of our chat template with the settings of transformers.apply_chat_template."""
    template = source_string("chat-template.ts", r"String\.raw`(.*?)`").strip()
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    tool = {"type": "function", "function": {"name": "price", "description": "Last price", "parameters": {}}}
    call = {"type": "function", "function": {"name": "price", "arguments": {"ticker": "ABC"}}}
    talk = [{"role": "user", "content": "Price of ABC?"}]
    told = [{"role": "system", "content": "Be brief."}, *talk]
    called = [
        *told,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "12.50"},
        {"role": "assistant", "content": "12.50"},
    ]
    inputs = [
        {"messages": talk, "tools": None, "add_generation_prompt": True},
        {"messages": told, "tools": None, "add_generation_prompt": False},
        {"messages": talk, "tools": [tool], "add_generation_prompt": True},
        {"messages": called, "tools": [tool], "add_generation_prompt": True},
    ]
    return {
        "template_sha256": hashlib.sha256(template.encode()).hexdigest(),
        "cases": [{**case, "text": environment.from_string(template).render(**case)} for case in inputs],
    }


def main() -> None:
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2])
    groups = r"(?i:'s|'t|'re|'ve)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    split = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(groups), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    groups_of_three = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated"),
        ]
    )
    cases = {
        "byte-level, GPT-2 words": byte_level(None, gpt2),
        "byte-level, digits then GPT-2 words": byte_level(None, digits),
        "byte-level, NFC, words of a pattern": byte_level(normalizers.NFC(), split),
        "byte-level, whole words first": without_some_merges(byte_level(None, split, ignore_merges=True)),
        "byte-level, prefix space": byte_level(None, pre_tokenizers.ByteLevel(add_prefix_space=True)),
        "byte-level, groups of three digits": byte_level(None, groups_of_three),
        "BPE over characters": words_of_words(),
        "BPE with byte fallback": sentencepiece_like(),
        "WordPiece": word_piece(),
        "Unigram": unigram(),
    }
    trained = ours(600)
    golden = {
        "versions": {"tokenizers": tokenizers.__version__, "jinja2": jinja2.__version__},
        "corpus": CORPUS,
        "texts": TEXTS,
        "trained": {"vocab_size": 600, "tokenizer": json.loads(trained.to_str()), **results(trained)},
        "cases": {name: {"tokenizer": json.loads(case.to_str()), **results(case)} for name, case in cases.items()},
        "chats": chats(),
    }
    # One line for each part keeps the file short and its differences readable.
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items() if key != "cases"]
    named = [f"    {json.dumps(name)}: {json.dumps(case)}" for name, case in golden["cases"].items()]
    lines.append('  "cases": {\n' + ",\n".join(named) + "\n  }")
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
