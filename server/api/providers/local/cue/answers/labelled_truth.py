"""Yes and no behind the name of what is asked: «Smoker: no», «lift yes, garage no», «Dishwasher safe: yes»."""

from collections.abc import Iterator

from server.api.providers.local.cue.passage import Passage, Sentence, number_of
from server.api.providers.local.values.leaf import Leaf

_SAID = {"yes": True, "no": False, "true": True, "false": False, "y": True, "n": False, "✓": True, "✗": False}
_AFFIXES = frozenset({"is", "has", "are", "was", "does", "have"})
_MARKS = frozenset(",;.:\n(!?)-")
_LINKS = frozenset({":", "=", "?"})


def labelled_truth(leaf: Leaf, passage: Passage) -> bool | None:
    """The yes or no that stands behind the name of a property; None where none does, or both."""
    words = tuple(word for word in leaf.asked.words if word not in _AFFIXES)
    said = {truth for sentence in passage.sentences for truth in _said(words, sentence)} if words else set()
    return said.pop() if len(said) == 1 else None


def _said(words: tuple[str, ...], sentence: Sentence) -> Iterator[bool]:
    tokens = sentence.tokens
    for at in range(len(tokens)):
        end = at + len(words)
        if tuple(token.word for token in tokens[at:end]) != words or (
            at and tokens[at - 1].text not in _MARKS
        ):
            continue
        if end < len(tokens) and tokens[end].text in _LINKS:
            end += 1
        # «Lift no. 2 is broken.» says nothing of a lift.
        numbered = end + 2 < len(tokens) and number_of(tokens[end + 2]) is not None
        closes = end + 1 >= len(tokens) or (tokens[end + 1].text in _MARKS and not numbered)
        if [token.word for token in tokens[end : end + 2]] == ["not", "yet"] and tokens[
            end - 1
        ].text in _LINKS:
            yield False
        elif end < len(tokens) and closes and tokens[end].word in _SAID and not sentence.is_taken_back:
            yield _SAID[tokens[end].word]
