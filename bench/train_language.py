"""Trains the letter model of short spans from word frequencies; run where ``wordfreq`` and ``numpy`` are installed.

``python bench/train_language.py server/api/providers/local/letters.bin`` — the model is log-probabilities of hashed letter
groups under each language, one byte each (see server/api/providers/local/letters.py, which reads it).
"""

import math
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
from wordfreq import top_n_list, word_frequency

LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "sv",
    "fi",
    "cs",
    "hu",
    "ro",
    "vi",
    "id",
    "da",
    "nb",
    "ca",
    "bg",
    "sk",
    "sl",
    "hr",
    "lt",
    "lv",
    "mk",
    "is",
]
BUCKETS = 1 << 15
STEP = 12.0
"""A byte is a log-probability below zero in twelfths."""
WORDS = 25_000


def groups(word: str) -> list[str]:
    """The letter groups of one word, its ends marked."""
    marked = f"<{word}>"
    found = [marked[i : i + n] for n in (2, 3, 4) for i in range(len(marked) - n + 1)]
    found.append(f"={word}")
    return found


def main() -> int:
    target = Path(sys.argv[1])
    counts = np.full((len(LANGUAGES), BUCKETS), 0.0)
    for row, language in enumerate(LANGUAGES):
        source = {"hr": "sh", "sr": "sh"}.get(language, language)
        for word in top_n_list(source, WORDS, wordlist="best"):
            if not word.isalpha():
                continue
            weight = math.sqrt(word_frequency(word, source) * 1e6)
            for group in groups(word):
                counts[row, crc32(group.encode()) % BUCKETS] += weight
    counts = counts / counts.sum(axis=1, keepdims=True) * 1e6 + 0.5
    logs = np.log(counts / counts.sum(axis=1, keepdims=True))
    table = np.clip(np.round(-logs * STEP), 0, 255).astype(np.uint8)
    header = f"{' '.join(LANGUAGES)}\n{BUCKETS} {STEP}\n".encode()
    target.write_bytes(header + table.T.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
