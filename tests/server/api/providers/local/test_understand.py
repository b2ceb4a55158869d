"""Facts about what the local provider understands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.api.providers.local.language import language_of
from server.api.providers.local.segment import segment
from server.api.providers.local.understand import understand
from server.api.providers.structured import FORMATS, INTENTS


@pytest.mark.parametrize(
    ("prompt", "intent", "output_format"),
    [
        ('Translate "guten Morgen" to English', "translate", "text"),
        ("Could you please summarize this article?\n\nThe council met on Monday.", "summarize", "text"),
        ("Extract all email addresses from the text: write to a@b.org", "extract", "list"),
        ("Is this review positive or negative?\n\nI loved it.", "classify", "label"),
        ("What is 12 * 7?", "calculate", "number"),
        ("List five fruits as JSON", "list", "json"),
        ("Make a table of the planets and their moons", "create", "table"),
        ("Compare Python and Rust", "compare", "text"),
        ("Why is the sky blue?", "explain", "text"),
        ("Who wrote Faust?", "answer", "text"),
        ("Sort these numbers: 3 1 2", "sort", "list"),
        ("Remind me to call mom at 6pm", "schedule", "none"),
        ("Fix the grammar errors in this sentence: he go home", "fix", "text"),
        ("Rewrite this to sound more formal: gimme that", "rewrite", "text"),
        ("Convert 5 km to miles", "convert", "number"),
        ("Write a python function that reverses a string", "create", "code"),
        ("Write an email to my landlord about the heating", "create", "email"),
        ("Recommend a book about sailing", "recommend", "text"),
        ("Plan a three-day trip to Rome", "plan", "text"),
        ("Describe the taste of mango", "describe", "text"),
        ("Validate this JSON document", "validate", "json"),
        ("Search for flights to Oslo", "search", "list"),
        ("Übersetze den folgenden Satz ins Englische: Das Wetter ist schön.", "translate", "text"),
        ("Résume ce texte: le chat dort sur le lit", "summarize", "text"),
        ("列出三种水果", "list", "list"),
    ],
)
def test_a_prompt_is_read(prompt: str, intent: str, output_format: str) -> None:
    found = understand(prompt)
    assert (found.intent, found.output_format) == (intent, output_format)


@pytest.mark.parametrize(
    ("prompt", "subject", "language"),
    [
        ('Translate "guten Morgen" to English', "guten Morgen", "de"),
        ("Translate to English: kopi kental", "kopi kental", "id"),
        ("Explain the theory of relativity to me", "theory of relativity", "en"),
        ("Write a short story about a dragon", "dragon", "en"),
        ("Traduce al inglés: «la ventana está abierta»", "la ventana está abierta", "es"),
    ],
)
def test_the_subject_is_found_with_its_own_language(prompt: str, subject: str, language: str) -> None:
    found = understand(prompt)
    assert (found.subject, found.original_language) == (subject, language)


def test_entities_are_found_by_kind() -> None:
    found = understand(
        "Send $40 to Anna Meyer (anna@example.org) before 2026-05-01 at 10:30, see https://x.org/y."
    )
    assert found.entities == {
        "url": ["https://x.org/y"],
        "email": ["anna@example.org"],
        "date": ["2026-05-01"],
        "time": ["10:30"],
        "money": ["$40"],
        "name": ["Anna Meyer"],
    }


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("merci beaucoup", "fr"),
        ("Bibliothek", "de"),
        ("доброе утро", "ru"),
        ("おはよう", "ja"),
        ("좋은 아침", "ko"),
        ("صباح الخير", "ar"),
        ("12 + 3", "und"),
        ("Szliśmy wzdłuż rzeki, aż zrobiło się ciemno.", "pl"),
    ],
)
def test_a_language_is_read_from_one_word_or_many(text: str, language: str) -> None:
    assert language_of(text) == language


def test_confidence_is_one_number_under_two_names() -> None:
    found = understand("Translate this")
    assert found.confidence == found.confidence_score
    assert understand("hm").confidence < found.confidence


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=400))
def test_no_text_is_too_strange(prompt: str) -> None:
    found = understand(prompt)
    assert found.intent in INTENTS
    assert found.output_format in FORMATS
    assert 0 <= found.confidence <= 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab:\n\"'` “”.", max_size=80))
def test_segments_hold_nothing_that_the_prompt_does_not(prompt: str) -> None:
    found = segment(prompt)
    assert found.payload in prompt
    assert all(quoted in prompt for quoted in found.quoted)


@pytest.mark.parametrize(
    ("prompt", "kind", "values"),
    [
        (
            "We moved from PostgreSQL to McDonald's own MongoDB.",
            "name",
            ["PostgreSQL", "McDonald's", "MongoDB"],
        ),
        (
            "Rechnung der Müller & Söhne GmbH & Co. KG über 1.234,56 €",
            "organization",
            ["Müller & Söhne GmbH & Co. KG"],
        ),
        ("Rechnung der Müller & Söhne GmbH & Co. KG über 1.234,56 €", "money", ["1.234,56 €"]),
        ("Facture du 12 janvier 2024 : 1 234,56 euros", "money", ["1 234,56 euros"]),
        ("Factura del 5 de mayo de 2024 por 1.500 euros", "date", ["5 de mayo de 2024"]),
        ("Fattura di Rossi S.p.A. a Mario Bianchi", "organization", ["Rossi S.p.A."]),
        ("Fatura de 7 de junho de 2024 no valor de R$ 1.250,00", "money", ["R$ 1.250,00"]),
        ("Factuur van Jansen B.V. aan De Vries N.V.", "organization", ["Jansen B.V.", "De Vries N.V."]),
        ("Faktura od Kowalski sp. z o.o. na 1 200 zł", "organization", ["Kowalski sp. z o.o."]),
        ("Счёт от ООО «Ромашка» на 15 000 рублей", "organization", ["ООО «Ромашка»"]),
        ("5 травня 2024 року 300 гривень", "date", ["5 травня 2024"]),
        ("5 Mayıs 2024 tarihinde 1.500 TL", "money", ["1.500 TL"]),
        ("في 5 مايو 2024 بمبلغ 1500 ريال", "date", ["5 مايو 2024"]),
        ("5 मई 2024 को 2,50,000 रुपये", "money", ["2,50,000 रुपये"]),
        ("请向北京华为科技有限公司支付3万元", "organization", ["北京华为科技有限公司"]),
        ("株式会社山田商事に5,000円を支払う", "organization", ["株式会社山田商事"]),
        ("주식회사 한빛에 5만 원", "organization", ["주식회사 한빛"]),
        ("Faktura från Svensson AB den 5 maj 2024", "date", ["5 maj 2024"]),
        ("Call +49 30 1234567 or 555-1234 about INV-2024-001", "phone", ["+49 30 1234567", "555-1234"]),
        ("Call +49 30 1234567 or 555-1234 about INV-2024-001", "code", ["INV-2024-001"]),
    ],
)
def test_entities_are_whole(prompt: str, kind: str, values: list[str]) -> None:
    assert understand(prompt).entities[kind] == values
