"""Facts about sentences that take back what stands before them."""

import pytest

from server.api.providers.local.cue.taken_back import takes_it_back


@pytest.mark.parametrize("text", ["Not really.", "That's wrong.", "It isn't.", "No, not any more.", "Sorry, I meant the other.", "Ignore that."])  # fmt: skip
def test_a_denial_takes_back(text: str) -> None:
    assert takes_it_back(text)


@pytest.mark.parametrize("text", ["No accidents.", "It has no lift.", "This is a blocker.", "It isn't insulated.", "Sorry, no pets."])  # fmt: skip
def test_a_sentence_of_its_own_takes_nothing_back(text: str) -> None:
    assert not takes_it_back(text)
