"""How well the local provider understands: intent, subject, format, language, confidence, on labelled prompts.

The prompts are read from outside the project (``--prompts``); ``labels.tsv`` holds what was labelled of them by hand, by
id and place only. Spans and sentences for the language are in ``spans.tsv`` and ``sentences.tsv``.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from server.api.providers.local.language import language_of
from server.api.providers.local.understand import understand
from server.api.wire import Analysis

HERE = Path(__file__).parent
_PROMPTS = HERE.parent.parent / "shared" / "data" / "prompts_dev.jsonl"


class Label(NamedTuple):
    """What a person said of one prompt."""

    intent: str
    output_format: str
    subject: str | None


class Judged(NamedTuple):
    """One prompt, what was said of it and what we understood."""

    prompt: str
    label: Label
    found: Analysis


def labelled(prompts: Mapping[str, str]) -> list[tuple[str, Label]]:
    """Every labelled prompt that is at hand."""
    found = []
    for line in (HERE / "labels.tsv").read_text().splitlines():
        if line.startswith("#"):
            continue
        id, intent, output_format, place = line.split("\t")
        if id in prompts:
            start, _, end = place.partition(":")
            subject = None if place == "-" else prompts[id][int(start) : int(end)]
            found.append((prompts[id], Label(intent, output_format, subject)))
    return found


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 over the labels that occur; each pair is (label, answer)."""
    scores = []
    for name in {label for label, _ in pairs}:
        true = sum(label == answer == name for label, answer in pairs)
        wrong = sum((label == name) != (answer == name) for label, answer in pairs)
        scores.append(2 * true / (2 * true + wrong))
    return sum(scores) / len(scores)


def token_f1(wanted: str, found: str) -> float:
    """Overlap of words, as SQuAD counts it: lower case, articles and punctuation left out."""
    a, b = Counter(_words(wanted)), Counter(_words(found))
    same = (a & b).total()
    return 2 * same / (a.total() + b.total()) if same else 0.0


def first_verb(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The baseline: the intent that most prompts with the same first word have (leave one out)."""
    rows = [(prompt.split()[0].lower().strip(",.:"), intent) for prompt, intent in pairs]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, intent in rows:
        counts[word][intent] += 1
    total = Counter(intent for _, intent in rows)
    answers = []
    for word, intent in rows:
        others = counts[word] - Counter([intent])
        answers.append((intent, (others or total).most_common(1)[0][0]))
    return answers


def calibration(judged: Sequence[Judged]) -> tuple[float, list[tuple[float, float, int]]]:
    """The expected calibration error, and for each confidence the share that was right and how many there were."""
    bins: dict[float, list[bool]] = defaultdict(list)
    for item in judged:
        bins[item.found.confidence].append(item.found.intent == item.label.intent)
    table = [(confidence, sum(right) / len(right), len(right)) for confidence, right in sorted(bins.items())]
    error = sum(abs(confidence - share) * n for confidence, share, n in table) / len(judged)
    return error, table


def languages(name: str) -> tuple[float, list[tuple[str, str, str]]]:
    """The share of texts in ``name`` whose language is read right, and those that are not."""
    total, wrong = 0, []
    for line in (HERE / name).read_text().splitlines():
        language, *texts = line.split("\t")
        for text in texts:
            total += 1
            found = language_of(text)
            if found != language:
                wrong.append((language, text, found))
    return 1 - len(wrong) / total, wrong


def main(arguments: Sequence[str]) -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=Path, default=_PROMPTS)
    parser.add_argument("--misses", action="store_true", help="show what was read wrong")
    options = parser.parse_args(arguments)
    if not options.prompts.exists():
        print(f"quality: {options.prompts} is not there; name another with --prompts")
        return 2
    prompts = {row["id"]: row["prompt"] for row in map(json.loads, options.prompts.read_text().splitlines())}
    pairs = labelled(prompts)
    understand("Warm up.")
    times = []
    judged = []
    for prompt, label in pairs:
        started = perf_counter()
        found = understand(prompt)
        if len(prompt) <= 500:
            times.append(perf_counter() - started)
        judged.append(Judged(prompt, label, found))
    for line in report(judged, sorted(times)):
        print(line)
    if options.misses:
        for item in judged:
            if item.found.intent != item.label.intent:
                print(f"  {item.label.intent} read as {item.found.intent}: {item.prompt[:90]!r}")
    return 0


def report(judged: Sequence[Judged], times: Sequence[float]) -> list[str]:
    """The figures, one a line."""
    intents = [(item.label.intent, item.found.intent) for item in judged]
    formats = [item.label.output_format == item.found.output_format for item in judged]
    subjects = [token_f1(item.label.subject, item.found.subject) for item in judged if item.label.subject]
    base = first_verb((item.prompt, item.label.intent) for item in judged)
    error, table = calibration(judged)
    constant = Counter(label for label, _ in intents).most_common(1)[0][1] / len(intents)
    spans, wrong_spans = languages("spans.tsv")
    sentences, _ = languages("sentences.tsv")
    return [
        f"prompts {len(judged)}",
        f"intent accuracy {_share(a == b for a, b in intents):.3f} (first word {_share(a == b for a, b in base):.3f}, constant {constant:.3f})",
        f"intent macro-F1 {macro_f1(intents):.3f} (first word {macro_f1(base):.3f})",
        f"output format {_share(formats):.3f}",
        f"subject token-F1 {sum(subjects) / len(subjects):.3f} on {len(subjects)}",
        f"language of sentences {sentences:.3f}, of spans of 1-3 words {spans:.3f} ({len(wrong_spans)} wrong)",
        f"calibration error {error:.3f}: " + ", ".join(f"{c:.2f}→{s:.2f} ({n})" for c, s, n in table),
        f"time, prompts up to 500 characters: p50 {times[len(times) // 2] * 1e3:.2f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.2f} ms",
    ]


def _share(rights: Iterable[bool]) -> float:
    found = list(rights)
    return sum(found) / len(found)


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[\w'’]+", text.lower()) if word not in ("a", "an", "the")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
