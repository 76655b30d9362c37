"""The first Qwen (Bai et al. 2023) for `transformers`, which has no class for it. Finery puts this file into the folders
that it saves; `AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)` uses it.

A block is Llama's with query, key and value in one layer that has a bias. Shapes: B rows, T new tokens, H heads of D
channels. Beyond `seq_length` positions the published model changes the base of its angles and scales queries; this one
ends there.
"""

import torch
from torch import nn
from torch.nn import functional
from transformers import DynamicCache, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast


class QWenConfig(PretrainedConfig):
    model_type = "qwen"
    keys_to_ignore_at_inference = ["past_key_values"]

    def __init__(
        self,
        vocab_size=151936,
        hidden_size=4096,
        intermediate_size=22016,
        num_hidden_layers=32,
        num_attention_heads=32,
        kv_channels=128,
        seq_length=8192,
        layer_norm_epsilon=1e-6,
        rotary_emb_base=10000,
        no_bias=True,
        initializer_range=0.02,
        use_cache=True,
        tie_word_embeddings=False,
        **others,
    ):
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        # Of both halves of the feed-forward layer together.
        self.intermediate_size = intermediate_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.kv_channels = kv_channels
        self.seq_length = seq_length
        self.layer_norm_epsilon = layer_norm_epsilon
        self.rotary_emb_base = rotary_emb_base
        self.no_bias = no_bias
        self.initializer_range = initializer_range
        self.use_cache = use_cache
        super().__init__(tie_word_embeddings=tie_word_embeddings, **others)


class RMSNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.hidden_size))
        self.epsilon = config.layer_norm_epsilon

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.epsilon)).to(x.dtype) * self.weight


def rotate(x, cos, sin):
    """x [B, H, T, D]; a pair is a channel of the first half and its counterpart in the second."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.layer = layer
        self.heads = config.num_attention_heads
        width = config.kv_channels * self.heads
        self.c_attn = nn.Linear(config.hidden_size, 3 * width)
        self.c_proj = nn.Linear(width, config.hidden_size, bias=not config.no_bias)

    def forward(self, x, cos, sin, seen, cache):
        rows, length, _ = x.shape
        query, key, value = (
            part.view(rows, length, self.heads, -1).transpose(1, 2) for part in self.c_attn(x).chunk(3, dim=-1)
        )
        query, key = rotate(query, cos, sin), rotate(key, cos, sin)
        if cache is not None:
            key, value = cache.update(key, value, self.layer)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.c_proj(mixed.transpose(1, 2).reshape(rows, length, -1))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        inner, bias = config.intermediate_size // 2, not config.no_bias
        self.w1 = nn.Linear(config.hidden_size, inner, bias=bias)
        self.w2 = nn.Linear(config.hidden_size, inner, bias=bias)
        self.c_proj = nn.Linear(inner, config.hidden_size, bias=bias)

    def forward(self, x):
        return self.c_proj(self.w1(x) * functional.silu(self.w2(x)))


class Block(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.ln_1 = RMSNorm(config)
        self.attn = Attention(config, layer)
        self.ln_2 = RMSNorm(config)
        self.mlp = FeedForward(config)

    def forward(self, x, *attention):
        x = x + self.attn(self.ln_1(x), *attention)
        return x + self.mlp(self.ln_2(x))


class QWenPreTrainedModel(PreTrainedModel):
    config_class = QWenConfig
    base_model_prefix = "transformer"
    _no_split_modules = ["Block"]

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, RMSNorm):
            nn.init.ones_(module.weight)


class QWenModel(QWenPreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.hidden_size)
        self.h = nn.ModuleList([Block(config, layer) for layer in range(config.num_hidden_layers)])
        self.ln_f = RMSNorm(config)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, position_ids=None, cache=None):
        rows, length = input_ids.shape
        past = 0 if cache is None else cache.get_seq_length()
        if past + length > self.config.seq_length:
            raise ValueError(f"{past + length} positions, where this model has {self.config.seq_length}")
        places = torch.arange(past + length, device=input_ids.device)
        if position_ids is None:
            position_ids = places[None, past:]
        seen = (places[None, :] <= places[past:, None])[None, None]
        if attention_mask is not None:
            # A row of padding sees itself, so that no softmax is empty.
            given = attention_mask[:, None, None, :].bool()
            seen = seen & (given | (places[None, :] == places[past:, None])[None, None])
        cos, sin = self.angles(position_ids)
        x = self.wte(input_ids)
        for block in self.h:
            x = block(x, cos.to(x.dtype), sin.to(x.dtype), seen, cache)
        return self.ln_f(x)

    def angles(self, position_ids):
        """Tables [B, 1, T, D / 2] of theta^(-2i / D) for each position, in float32."""
        width = self.config.kv_channels
        pairs = torch.arange(0, width, 2, device=position_ids.device, dtype=torch.float32)
        angle = position_ids[:, None, :, None].float() * self.config.rotary_emb_base ** (-pairs / width)
        return angle.cos(), angle.sin()


class QWenLMHeadModel(QWenPreTrainedModel, GenerationMixin):
    def __init__(self, config):
        super().__init__(config)
        self.transformer = QWenModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self):
        return self.transformer.wte

    def set_input_embeddings(self, table):
        self.transformer.wte = table

    def get_output_embeddings(self):
        return self.lm_head

    def set_output_embeddings(self, head):
        self.lm_head = head

    def forward(
        self,
        input_ids,
        attention_mask=None,
        position_ids=None,
        past_key_values=None,
        labels=None,
        use_cache=None,
        logits_to_keep=0,
        **_,
    ):
        """logits [B, T, vocabulary]; the loss is the mean over the next tokens that `labels` does not mark with -100."""
        keeps = self.config.use_cache if use_cache is None else use_cache
        cache = DynamicCache() if keeps and past_key_values is None else past_key_values
        hidden = self.transformer(input_ids, attention_mask, position_ids, cache)
        logits = self.lm_head(hidden[:, -logits_to_keep:] if logits_to_keep else hidden)
        loss = None
        if labels is not None:
            loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten())
        return CausalLMOutputWithPast(loss=loss, logits=logits, past_key_values=cache if keeps else None)
