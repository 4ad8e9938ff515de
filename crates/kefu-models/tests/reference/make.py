"""Makes the files in this folder: tiny networks with random weights of every family that Kefu runs,
and what the reference implementation (Hugging Face transformers, 32-bit floats, CPU) makes of them.

    python3 -m venv /tmp/reference
    /tmp/reference/bin/pip install torch transformers gguf
    /tmp/reference/bin/python crates/kefu-models/tests/reference/make.py

The seeds are fixed, so the same versions of the libraries write the same files. Weights are whole
numbers from -127 to 127 times a power of two, and every 32 neighbours have one of 127: rounding them
to 8 bits in blocks of 32, as the decoder does, changes nothing. So what differs from the reference is
the arithmetic of the decoder and not its weights. Random networks choose between tokens that are
nearly equal much more often than trained ones; the seed of each decoder is the first whose greedy
continuation has no such choice.
"""

import json
import shutil
from pathlib import Path

import gguf
import numpy
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
N_TOKENS = 128
PROMPT = [(1 + 37 * n) % N_TOKENS for n in range(20)]
N_GREEDY = 20
# Least lead of a chosen token, as a share of the deviation of all scores after the same text.
LEAD = 0.08
# Rows of an encoder, by their lengths.
LENGTHS = [1, 2, 5, 16, 17, 23]

DECODER = {
    "vocab_size": N_TOKENS,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
ENCODER = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 40,
}


# Name, class of the configuration, what it says, and how a GGUF file keeps matrices.
DECODERS = [
    ("llama", transformers.LlamaConfig, {
        "num_key_value_heads": 2, "tie_word_embeddings": True, "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }, "Q8_0"),
    ("mistral", transformers.MistralConfig, {
        "num_key_value_heads": 1, "head_dim": 16, "tie_word_embeddings": False,
        "sliding_window": 9,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
    }, None),
    ("qwen2", transformers.Qwen2Config, {
        "num_key_value_heads": 2, "tie_word_embeddings": True,
        "use_sliding_window": True, "sliding_window": 12, "max_window_layers": 0,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
    }, "Q4_0"),
    ("qwen3", transformers.Qwen3Config, {
        "num_key_value_heads": 2, "head_dim": 16, "tie_word_embeddings": False,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
    }, "Q4_1"),
]


def randomise(model, seed):
    """Weights as the text above says; vectors are random around what they usually are."""
    random = numpy.random.default_rng(seed)
    for name, weight in model.named_parameters():
        if weight.dim() == 2 and weight.shape[1] % 32 == 0:
            n_out, n_in = weight.shape
            levels = numpy.clip(numpy.rint(random.normal(0, 42, (n_out, n_in // 32, 32))), -127, 127)
            place = random.integers(0, 32, (n_out, n_in // 32, 1))
            numpy.put_along_axis(levels, place, random.choice([-127.0, 127.0], place.shape), 2)
            values = levels.reshape(n_out, n_in) * 2.0**-8
        else:
            around = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
            values = around + random.normal(0, 0.2, tuple(weight.shape))
        weight.data = torch.tensor(values, dtype=torch.bfloat16).float()


def read(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens]), use_cache=False).logits[0]


def continued(model):
    """Prompt and greedy continuation, scores after every token, and the least lead of a choice."""
    tokens, least = list(PROMPT), float("inf")
    while len(tokens) < len(PROMPT) + N_GREEDY:
        scores = read(model, tokens)[-1]
        first, second = torch.topk(scores, 2)[0].tolist()
        least = min(least, (first - second) / scores.std().item())
        tokens.append(int(scores.argmax()))
    return tokens, read(model, tokens), least


def sound(make):
    """The first network whose choices are clear and that does not repeat itself at once."""
    for seed in range(10000):
        model = make(seed)
        tokens, scores, least = continued(model)
        if seed % 500 == 499:
            print(f"  {seed + 1} seeds were no good")
        if least > LEAD and len(set(tokens[len(PROMPT):])) > N_GREEDY // 2:
            print(f"  seed {seed}: least lead {least:.3f}")
            return model, tokens, scores
    raise SystemExit("no seed will do")


def expect(folder, tokens, scores):
    tensors = {"tokens": torch.tensor(tokens, dtype=torch.uint32), "scores": scores.contiguous()}
    save_file(tensors, folder / "expected.safetensors")


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    print(name)
    return folder


def quantised(array, kind):
    return gguf.quants.quantize(array, getattr(gguf.GGMLQuantizationType, kind))


def rounded(model, kind):
    """Gives a network the weights that a file of that kind holds."""
    for name, weight in model.named_parameters():
        if weight.dim() == 2:
            packed = quantised(weight.data.numpy(), kind)
            plain = gguf.quants.dequantize(packed, getattr(gguf.GGMLQuantizationType, kind))
            weight.data = torch.tensor(plain)
    return model


def neighbours(array, n_heads):
    """The order of outputs that files of the architecture `llama` have: pairs stand together."""
    rest = array.shape[1:]
    return array.reshape(n_heads, 2, -1, *rest).swapaxes(1, 2).reshape(array.shape)


def write_gguf(path, model, architecture, kind):
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    names = gguf.get_tensor_name_map(
        getattr(gguf.MODEL_ARCH, architecture.upper()), config.num_hidden_layers
    )
    for name, weight in model.named_parameters():
        array = weight.data.numpy()
        if architecture == "llama" and ("q_proj" in name or "k_proj" in name):
            is_query = "q_proj" in name
            n_heads = config.num_attention_heads if is_query else config.num_key_value_heads
            array = neighbours(array, n_heads)
        own = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if array.ndim == 2:
            packed = quantised(array, kind)
            raw = getattr(gguf.GGMLQuantizationType, kind)
            writer.add_tensor(own, packed, raw_dtype=raw)
        else:
            writer.add_tensor(own, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_decoders():
    for name, kind, own, packing in DECODERS:
        def make(seed, **more):
            config = kind(**{**DECODER, **own, **more})
            model = transformers.AutoModelForCausalLM.from_config(
                config, attn_implementation="eager"
            ).eval()
            randomise(model, seed)
            return model

        folder = fresh(name)
        model, tokens, scores = sound(make)
        expect(folder, tokens, scores)
        model.bfloat16().save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        if packing:
            folder = fresh(f"{name}-gguf")
            # Files of these architectures say nothing of windows.
            more = {"use_sliding_window": False} if name == "qwen2" else {}
            model, tokens, scores = sound(lambda seed: rounded(make(seed, **more), packing))
            expect(folder, tokens, scores)
            write_gguf(folder / "model.gguf", model, name, packing)


def make_encoders():
    bert = transformers.BertConfig(**ENCODER, pad_token_id=0)
    roberta = {**ENCODER, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    roberta = transformers.XLMRobertaConfig(**roberta, type_vocab_size=1, num_labels=1)
    rows = [[4 + (7 * n + length) % 90 for n in range(length)] for length in LENGTHS]
    kinds = [
        ("bert", transformers.BertModel(bert, add_pooling_layer=False)),
        ("xlm-roberta", transformers.XLMRobertaModel(roberta, add_pooling_layer=False)),
        ("xlm-roberta-reranker", transformers.XLMRobertaForSequenceClassification(roberta)),
    ]
    for seed, (name, model) in enumerate(kinds):
        folder = fresh(name)
        randomise(model.eval(), seed)
        with torch.no_grad():
            results = [model(torch.tensor([row]))[0][0] for row in rows]
        tensors = {"outputs": torch.cat([result.reshape(-1) for result in results])}
        for idx, row in enumerate(rows):
            tensors[f"row{idx}"] = torch.tensor(row, dtype=torch.uint32)
        save_file(tensors, folder / "expected.safetensors")
        model.bfloat16().save_pretrained(folder)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32)
    make_decoders()
    make_encoders()
    total = sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file())
    print(json.dumps({
        "torch": torch.__version__, "transformers": transformers.__version__, "bytes": total,
    }))
