"""A Whisper model of a few hundred kilobytes, built here: its layers do nothing but its positions spell a sentence.

It is a real CTranslate2 model with Whisper's own vocabulary layout, so that the real library loads and runs it. What it
says does not depend on what it hears; that it says it shows the whole way from mu-law to words.
"""

from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

WIDTH, HEADS, LAYERS, MELS = 64, 2, 1, 80
HEARS, SAYS = 1_500, 448
"""Positions of the encoder and the decoder: Whisper's own."""
TEXT_TOKENS, VOCABULARY = 50_257, 51_865
PROMPT = 4
"""Start, language, task, no timestamps."""
LANGUAGES = 99


def special_tokens() -> list[str]:
    """From the end of text to the first timestamp, in Whisper's order."""
    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES[:LANGUAGES]]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    return [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *languages,
        *(f"<|{task}|>" for task in tasks),
    ]


def tokenizer() -> Tokenizer:
    """Every byte is a token; the other text tokens are names that no text has."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = alphabet + [f"<t{n}>" for n in range(len(alphabet), TEXT_TOKENS)]
    vocabulary = {name: n for n, name in enumerate(names)}
    made = Tokenizer(BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(special_tokens())
    return made


def _linear(spec: Any, out: int, into: int) -> None:
    spec.weight = np.zeros((out, into), np.float32)
    spec.bias = np.zeros(out, np.float32)


def _norm(spec: Any) -> None:
    spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _layer(spec: Any, *, decoder: bool) -> None:
    _norm(spec.self_attention.layer_norm)
    _linear(spec.self_attention.linear[0], 3 * WIDTH, WIDTH)
    _linear(spec.self_attention.linear[1], WIDTH, WIDTH)
    if decoder:
        _norm(spec.attention.layer_norm)
        for part, size in enumerate((WIDTH, 2 * WIDTH, WIDTH)):
            _linear(spec.attention.linear[part], size, WIDTH)
    _norm(spec.ffn.layer_norm)
    _linear(spec.ffn.linear_0, 4 * WIDTH, WIDTH)
    _linear(spec.ffn.linear_1, WIDTH, 4 * WIDTH)


def build(folder: Path, sentence: str) -> Path:
    """A model that hears `sentence` (one word) whatever is said, as long as it is given no hints."""
    letters = tokenizer()
    dice = np.random.default_rng(1)
    meanings = dice.standard_normal((VOCABULARY, WIDTH)).astype(np.float32)
    meanings /= np.linalg.norm(meanings, axis=1, keepdims=True)
    spoken = [*letters.encode(sentence).ids, TEXT_TOKENS]
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    for conv, into in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        conv.weight = np.zeros((WIDTH, into, 3), np.float32)
        conv.bias = np.zeros(WIDTH, np.float32)
    spec.encoder.position_encodings.encodings = np.zeros((HEARS, WIDTH), np.float32)
    spec.decoder.embeddings.weight = 0.01 * meanings
    spec.decoder.projection.weight = meanings
    positions = np.zeros((SAYS, WIDTH), np.float32)
    for place, token in enumerate(spoken):
        positions[PROMPT - 1 + place] = 10 * meanings[token]
    spec.decoder.position_encodings.encodings = positions
    for side in (spec.encoder, spec.decoder):
        _norm(side.layer_norm)
        for layer in side.layer:
            _layer(layer, decoder=side is spec.decoder)
    names = [letters.id_to_token(n) for n in range(letters.get_vocab_size())]
    names += [f"<|{0.02 * n:.2f}|>" for n in range(VOCABULARY - len(names))]
    spec.register_vocabulary(names)
    config = spec.config
    config.suppress_ids, config.suppress_ids_begin = [], []
    config.lang_ids = [TEXT_TOKENS + 2 + n for n in range(LANGUAGES)]
    config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    letters.save(str(folder / "tokenizer.json"))
    return folder
