"""Tiny embedding models and what sentence-transformers computes with them, for the parity tests of encoders.

    python scripts/goldens/encoders.py [--out DIR] [CASE ...]
    python scripts/goldens/encoders.py --check DIR

With --check, DIR is a folder that Finery wrote, of a model or of a LoRA adapter whose base is where it says:
sentence-transformers loads it and prints the vectors of the texts that come as a JSON list on stdin.

Each case is a folder of sentence-transformers, `test/golden/encoders/<case>/`, in f32, every parameter random:

    config.json, model.safetensors, tokenizer.json, modules.json, 1_Pooling/ ...
    expected.json          seed, versions, texts, ids of each as sentence-transformers reads it, prompts,
                           loss: InfoNCE of the first half of the texts against the second, temperature, and
                           matryoshka: widths whose losses are added up
    expected.safetensors   vectors [texts, width], prompted [texts, width] where there are prompts,
                           hidden [tokens, width] of the first text,
                           gradient.<parameter> of the loss
"""

import argparse
import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import numpy
import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch.nn.functional import cross_entropy, normalize
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PreTrainedTokenizerFast

from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors

SEED = 20261121
TEMPERATURE = 0.05

BERT = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "attention_probs_dropout_prob": 0.1,
    "classifier_dropout": None,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 24,
    "initializer_range": 0.02,
    "intermediate_size": 40,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 48,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "type_vocab_size": 2,
    "torch_dtype": "float32",
    "use_cache": True,
}
ROBERTA = {
    **BERT,
    "architectures": ["XLMRobertaModel"],
    "model_type": "xlm-roberta",
    "layer_norm_eps": 1e-5,
    "max_position_embeddings": 50,
    "type_vocab_size": 1,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}
QWEN3 = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_act": "silu",
    "head_dim": 16,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 64,
    "initializer_range": 0.02,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "tie_word_embeddings": True,
    "torch_dtype": "float32",
}

# What each shape is known for: MiniLM and E5 take the mean, BGE the first token, decoders the last.
CASES: dict[str, dict] = {
    "minilm": {"config": BERT, "tokenizer": "wordpiece", "pooling": "mean", "matryoshka": [24, 12, 6]},
    "bge": {
        "config": {**BERT, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "hidden_size": 32, "num_attention_heads": 4},
        "tokenizer": "wordpiece",
        "pooling": "cls",
        "prompts": {"query": "represent this for searching: "},
    },
    "e5": {"config": ROBERTA, "tokenizer": "unigram", "pooling": "mean", "prompts": {"query": "query: ", "passage": "passage: "}},
    # As published for masked words: names begin with the family, and there is a head.
    "roberta-masked": {
        "config": {**ROBERTA, "architectures": ["RobertaForMaskedLM"], "model_type": "roberta"},
        "tokenizer": "unigram",
        "pooling": "mean",
        "normalize": False,
        "masked": True,
    },
    "qwen3": {"config": QWEN3, "tokenizer": "bytes", "pooling": "lasttoken"},
}

# The first half asks, the second half answers. Case, accents, marks, scripts, an unknown sign, nothing at all, too much.
TEXTS = [
    "What was the revenue of Maretis in 2019?",
    "How large is the DEBT of Ostravia?",
    "¿Cuál fue la pérdida de Fenontrix?",
    "",
    "Revenue of Maretis reached 106.5 million in 2019, after 98.2 million.",
    "Ostravia's debt: $41.2 million; cash\tof 7.5 million.",
    "Fenontrix (perte nette -3,4 €) 金融 ☃",
    "debt and cash " * 30,
]


def corpus() -> list[str]:
    return [*TEXTS[:-1], "debt and cash of million revenue in the year after loss query: passage: represent this for searching:"]


def wordpiece() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=160, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=48, **names)


def unigram() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=150, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=48, **names)


def byte_level() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=280, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <|endoftext|>", pair="$A $B <|endoftext|>", special_tokens=[("<|endoftext|>", 0)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, eos_token="<|endoftext|>", pad_token="<|endoftext|>")


TOKENIZERS = {"wordpiece": wordpiece, "unigram": unigram, "bytes": byte_level}


def randomise(case: str, model: torch.nn.Module) -> None:
    """Every parameter random, at scales where attention is selective; rows of padding too, which nothing should read."""
    generator = numpy.random.default_rng([SEED, zlib.crc32(case.encode())])
    for name, parameter in model.named_parameters():
        noise = generator.standard_normal(tuple(parameter.shape))
        if name.endswith(("LayerNorm.weight", "layer_norm.weight", "norm.weight")):
            values = 1 + 0.3 * noise
        elif name.endswith("bias"):
            values = 0.5 * noise
        elif "embeddings" in name or "embed_tokens" in name:
            values = noise
        else:
            values = 1.4 * noise / parameter.shape[-1] ** 0.5
        with torch.no_grad():
            parameter.copy_(torch.tensor(values, dtype=torch.float32))


def make_folder(case: str, folder: Path) -> SentenceTransformer:
    settings = CASES[case]
    tokenizer = TOKENIZERS[settings["tokenizer"]]()
    config = {**settings["config"], "vocab_size": len(tokenizer)}
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "config.json").write_text(json.dumps(config))
        loaded = AutoConfig.from_pretrained(temporary, local_files_only=True)
    kind = AutoModelForMaskedLM if settings.get("masked") else AutoModel
    model = kind.from_config(loaded, dtype=torch.float32, attn_implementation="eager").eval()
    randomise(case, model)
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        transformer = Transformer(temporary, max_seq_length=40)
        modules = [transformer, Pooling(transformer.get_embedding_dimension(), pooling_mode=settings["pooling"])]
        if settings.get("normalize", True):
            modules.append(Normalize())
        SentenceTransformer(modules=modules, prompts=settings.get("prompts"), device="cpu").save(str(folder), create_model_card=False)
        # With all names of the checkpoint, and the configuration as published checkpoints write it.
        shutil.copy(Path(temporary) / "model.safetensors", folder / "model.safetensors")
        (folder / "model.safetensors").chmod(0o644)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def info_nce(vectors: torch.Tensor, widths: list[int]) -> torch.Tensor:
    """Mean over the queries of -log softmax(cos / temperature) of the own document, added up over the widths."""
    half = len(vectors) // 2
    loss = torch.zeros(())
    for width in widths:
        queries, documents = (normalize(part[:, :width], dim=1) for part in (vectors[:half], vectors[half:]))
        loss = loss + cross_entropy(queries @ documents.T / TEMPERATURE, torch.arange(half))
    return loss


def make_case(case: str, folder: Path) -> None:
    settings = CASES[case]
    shutil.rmtree(folder, ignore_errors=True)
    model = make_folder(case, folder)
    vectors = torch.tensor(model.encode(TEXTS))
    tensors = {"vectors": vectors}
    prompts = settings.get("prompts", {})
    if prompts:
        tensors["prompted"] = torch.tensor(model.encode(TEXTS, prompt_name="query"))
    features = model.tokenize(TEXTS)
    ids = [row[mask.bool()].tolist() for row, mask in zip(features["input_ids"], features["attention_mask"])]
    inner = model[0].auto_model
    first = torch.tensor([ids[0]])
    with torch.no_grad():
        tensors["hidden"] = inner(input_ids=first).last_hidden_state[0]
    widths = settings.get("matryoshka", [vectors.shape[1]])
    model.zero_grad()
    pooled = model[1](model[0]({key: value for key, value in features.items()}))["sentence_embedding"]
    loss = info_nce(pooled, widths)
    loss.backward()
    for name, parameter in inner.named_parameters():
        if parameter.grad is not None:
            tensors[f"gradient.{name}"] = parameter.grad
    write_tensors(folder / "expected.safetensors", tensors)
    write_json(
        folder / "expected.json",
        {
            "seed": SEED,
            "versions": {**versions(), "sentence_transformers": sentence_transformers.__version__},
            "texts": TEXTS,
            "ids": ids,
            "prompts": prompts,
            "temperature": TEMPERATURE,
            "matryoshka": widths,
            "loss": loss.item(),
        },
    )
    print(case, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), "bytes, loss", loss.item())


def check(folder: Path) -> None:
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    print(json.dumps(model.encode(json.load(sys.stdin)).tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES])
    parser.add_argument("--out", type=Path, default=GOLDEN_ROOT / "encoders")
    parser.add_argument("--check", type=Path)
    arguments = parser.parse_args()
    use_one_exact_thread()
    if arguments.check:
        check(arguments.check)
        return
    for case in arguments.cases or CASES:
        make_case(case, arguments.out / case)


if __name__ == "__main__":
    main()
