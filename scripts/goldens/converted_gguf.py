"""GGUF files of encoders and of T5 by llama.cpp's own converter, and what transformers computes with what they come from.

    pip install sentencepiece protobuf
    python scripts/goldens/converted_gguf.py --llama-cpp DIR

DIR is a checkout of llama.cpp v0.5.0. Writes `test/golden/converted-gguf/`:

    bert.gguf, xlm-roberta.gguf, t5.gguf   f32, every parameter random; WordPiece, and Unigram by SentencePiece
    expected.json    versions, texts, and for each model the ids of each text, those around it included, and
                     vectors: the mean of the hidden states, or logits: of the first token that T5 writes
"""

import argparse
import io
import json
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
from transformers import AutoModel, AutoTokenizer, T5Config, T5ForConditionalGeneration, XLMRobertaConfig, XLMRobertaModel

from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json

SEED = 20261122
GOLDEN = GOLDEN_ROOT / "converted-gguf"
TEXTS = [
    "Revenue of Maretis reached 106.5 million in 2019, after 98.2 million.",
    "  Ostravia's debt: $41.2 million;  cash of 7.5 million ",
    "Fenontrix (perte nette -3,4 €) 金融 ☃☃",
]
# Sentences of which pieces are learnt: none of them is a text.
CORPUS = [
    f"{company} reported {item} of {amount} million in {year}."
    for company in ("Maretis", "Ostravia", "Fenontrix", "Helulmere", "Elepex")
    for item in ("revenue", "debt", "cash", "net income", "a loss")
    for amount in ("41.2", "7.5", "98.2", "106.5", "3.4")
    for year in (2019, 2020)
]
SPECIAL = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}


def randomize(model: torch.nn.Module) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for parameter in model.parameters():
            deviation = 0.3 if parameter.dim() == 1 else parameter.shape[-1] ** -0.5
            middle = 1 if parameter.dim() == 1 else 0
            parameter.copy_(middle + deviation * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def pieces(**ids: int) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=model,
        vocab_size=50,
        model_type="unigram",
        # What published models have is a table of 240 kB.
        normalization_rule_name="identity",
        num_threads=1,
        minloglevel=2,
        **ids,
    )
    return model.getvalue()


def t5(folder: Path) -> None:
    sizes = {"d_model": 16, "d_kv": 6, "d_ff": 24, "num_heads": 2, "num_layers": 2, "num_decoder_layers": 1}
    config = T5Config(vocab_size=54, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, **sizes)
    randomize(T5ForConditionalGeneration(config)).save_pretrained(folder)
    (folder / "spiece.model").write_bytes(pieces(pad_id=0, eos_id=1, unk_id=2, bos_id=-1))
    settings = {"tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "extra_ids": 0}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def xlm_roberta(folder: Path) -> None:
    config = XLMRobertaConfig(
        vocab_size=52,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=66,
        type_vocab_size=1,
    )
    randomize(XLMRobertaModel(config)).save_pretrained(folder)
    (folder / "sentencepiece.bpe.model").write_bytes(pieces(bos_id=1, eos_id=2, unk_id=0, pad_id=-1))
    settings = {"tokenizer_class": "XLMRobertaTokenizer", **SPECIAL, "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def expected(folder: Path, kind: str) -> dict[str, object]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer.encode(text) for text in TEXTS]
    model = (T5ForConditionalGeneration if kind == "t5" else AutoModel).from_pretrained(folder).eval()
    with torch.no_grad():
        if kind == "t5":
            start = torch.tensor([[0]])
            found = [model(input_ids=torch.tensor([one]), decoder_input_ids=start).logits[0, 0] for one in ids]
            return {"ids": ids, "logits": [one.tolist() for one in found]}
        found = [model(torch.tensor([one[:40]])).last_hidden_state[0].mean(0) for one in ids]
    return {"ids": ids, "vectors": [one.tolist() for one in found]}


def convert(folder: Path, out: Path) -> None:
    import gguf
    from conversion import get_model_class
    from conversion.base import ModelBase, TextModel

    # A rule for byte-level tokens, looked up by a hash of what a tokenizer does; WordPiece reads none.
    TextModel.get_vocab_base_pre = lambda *_: "default"
    [architecture] = ModelBase.load_hparams(folder, False)["architectures"]
    model = get_model_class(architecture)(folder, gguf.LlamaFileType.ALL_F32, out, eager=True, model_name="golden")
    model.write()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--llama-cpp", type=Path, required=True)
    llama = parser.parse_args().llama_cpp
    sys.path[:0] = [str(llama), str(llama / "gguf-py")]
    use_one_exact_thread()
    GOLDEN.mkdir(parents=True, exist_ok=True)
    cases = {}
    with tempfile.TemporaryDirectory() as root:
        folders = {"bert": GOLDEN_ROOT / "encoders" / "minilm"}
        for kind, make in {"xlm-roberta": xlm_roberta, "t5": t5}.items():
            folders[kind] = Path(root) / kind
            folders[kind].mkdir()
            make(folders[kind])
            # Published folders have both; the converter reads pieces of the one and what is around a text of the other.
            AutoTokenizer.from_pretrained(folders[kind]).save_pretrained(folders[kind])
        for kind, folder in folders.items():
            cases[kind] = expected(folder, kind)
            out = GOLDEN / f"{kind}.gguf"
            out.unlink(missing_ok=True)
            convert(folder, out)
    write_json(GOLDEN / "expected.json", {"seed": SEED, "versions": {**versions(), "sentencepiece": sentencepiece.__version__}, "texts": TEXTS, **cases})


if __name__ == "__main__":
    main()
