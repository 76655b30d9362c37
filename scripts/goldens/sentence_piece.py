"""SentencePiece BPE with bytes, in the shapes of Llama 2 and of Gemma: pieces, the `tokenizer.json` of them, and ids.

    pip install sentencepiece protobuf
    python scripts/goldens/sentence_piece.py

Writes `test/golden/sentence-piece.json`: versions, texts, and for each case

    pieces      token, score and type of each id, as llama.cpp's converter writes them into a GGUF file
    tokenizer   `tokenizer.json` with merges by `generate_merges` of transformers
    ids         of each text by the `tokenizers` library, without tokens around it

The script refuses a text whose ids are others in SentencePiece itself.
"""

import io
import json

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers.tokenization_utils_base import generate_merges

from golden_files import GOLDEN_ROOT, versions, write_json

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
CORPUS = [
    f"{company}  reported {item} of {amount} million in {year}.\n\nDie Bank meldete {item}, où l’été; 金融 банк"
    for company in ("Maretis", "Ostravia", "Fenontrix", "Helulmere", "Elepex")
    for item in ("revenue", "debt", "cash", "net income", "a loss", "    reserves")
    for amount in ("41.2", "7.5", "98.2", "106.5", "3.4")
    for year in (2019, 2020)
]
TEXTS = [
    "Revenue of Maretis reached 106.5 million in 2019, after 98.2 million.",
    " begins with a space",
    "  two    and\tmany        spaces ",
    " ",
    "lines\n\nand\n\n\nlines\r\n",
    "金融 ☃☃ банк Ωμέγα देवनागरी \U0001f600\U0001f469\u200d\U0001f467",
    "a\u0000b\u00ad\ufeff\u200b\u0301",
    "<0x41> <s> </s> <unk> <bos> reported<s>reported",
    "reportedreportedmillionmillion" * 4,
    "aaaaaaaaaaaaaaaaaaaaaaaa 000000000 \n" * 2,
    "Crème brûlée — “été” l’été",
]
REPEATED = ["\n", "\n\n", "\n\n\n", "▁▁", "▁▁▁", "▁▁▁▁"]


def train(**settings: object) -> sentencepiece.SentencePieceProcessor:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=model,
        vocab_size=420,
        model_type="bpe",
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        num_threads=1,
        minloglevel=2,
        **settings,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def kind(pieces: sentencepiece.SentencePieceProcessor, id: int, repeated: list[str]) -> int:
    if pieces.is_unknown(id):
        return UNKNOWN
    if pieces.is_control(id):
        return CONTROL
    if pieces.is_byte(id):
        return BYTE
    return USER_DEFINED if pieces.id_to_piece(id) in repeated else NORMAL


def as_tokenizer(pieces: sentencepiece.SentencePieceProcessor, gemma: bool) -> Tokenizer:
    ids = range(pieces.get_piece_size())
    kinds = [kind(pieces, id, REPEATED if gemma else []) for id in ids]
    vocabulary = {pieces.id_to_piece(id): id for id in ids}
    scores = {pieces.id_to_piece(id): pieces.get_score(id) for id in ids}
    apart = [pieces.id_to_piece(id) for id in ids if kinds[id] in (UNKNOWN, CONTROL, BYTE)]
    merges = generate_merges(vocabulary, scores, skip_tokens=apart)
    model = models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(model)
    spaces = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = spaces if gemma else normalizers.Sequence([normalizers.Prepend("▁"), spaces])
    if gemma:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(parts if gemma else [*parts, decoders.Strip(" ", 1, 0)])
    begin = "<bos>" if gemma else "<s>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", pair=f"{begin} $A {begin} $B", special_tokens=[(begin, vocabulary[begin])]
    )
    for id in ids:
        if kinds[id] in (UNKNOWN, CONTROL):
            tokenizer.add_special_tokens([AddedToken(pieces.id_to_piece(id), normalized=False)])
        elif kinds[id] == USER_DEFINED:
            tokenizer.add_tokens([AddedToken(pieces.id_to_piece(id), normalized=False)])
    return tokenizer


def case(pieces: sentencepiece.SentencePieceProcessor, gemma: bool) -> dict[str, object]:
    tokenizer = as_tokenizer(pieces, gemma)
    # Control tokens in a text are text.
    plain = Tokenizer.from_str(tokenizer.to_str())
    plain.encode_special_tokens = True
    ids = [plain.encode(text, add_special_tokens=False).ids for text in TEXTS]
    for text, found in zip(TEXTS, ids, strict=True):
        theirs = pieces.encode(text)
        if found != theirs:
            raise SystemExit(f"{text!r}: {found} beside {theirs}")
    repeated = REPEATED if gemma else []
    entries = [
        [pieces.id_to_piece(id), pieces.get_score(id), kind(pieces, id, repeated)] for id in range(pieces.get_piece_size())
    ]
    return {"pieces": entries, "tokenizer": json.loads(tokenizer.to_str()), "ids": ids}


def main() -> None:
    llama = train(unk_id=0, bos_id=1, eos_id=2, pad_id=-1, add_dummy_prefix=True)
    gemma_ids = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3}
    gemma = train(**gemma_ids, bos_piece="<bos>", eos_piece="<eos>", add_dummy_prefix=False, user_defined_symbols=REPEATED)
    cases = {"llama": case(llama, False), "gemma": case(gemma, True)}
    found = {**versions(), "sentencepiece": sentencepiece.__version__}
    write_json(GOLDEN_ROOT / "sentence-piece.json", {"versions": found, "texts": TEXTS, "cases": cases})


if __name__ == "__main__":
    main()
