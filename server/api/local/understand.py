"""One prompt in, what it asks for out."""

from server.api.local.language import language_of
from server.api.wire import Analysis

VERSION = "1"


def understand(prompt: str) -> Analysis:
    """Intent, subject, entities, output format, the subject's language and how sure we are of it."""
    words = prompt.lower().split()
    intent = next((_VERBS[w] for w in (w.strip(".,:;!?") for w in words[:8]) if w in _VERBS), "other")
    if intent == "other" and prompt.rstrip().endswith("?"):
        intent = "answer"
    subject = " ".join(prompt.split()[1:]) or prompt
    score = 0.6 if intent != "other" else 0.3
    return Analysis(
        intent=intent,
        subject=subject[:300],
        entities={},
        output_format="none",
        original_language=language_of(subject),
        confidence=score,
        confidence_score=score,
    )


_VERBS = {
    "translate": "translate",
    "summarize": "summarize",
    "extract": "extract",
    "classify": "classify",
    "analyze": "analyze",
    "write": "create",
    "create": "create",
    "generate": "create",
}
