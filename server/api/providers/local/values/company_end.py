"""Companies with their legal form, where it has points and gaps in it: «Zielona Wydma sp. z o.o.»."""

_FORMS = (
    "sp. z o.o.", "sp. z o. o.", "sp. k.", "s.r.o.", "spol. s r.o.", "spol. s r. o.", "s.p.a.", "s.r.l.", "d.o.o.",
    "e.k.", "a.ş.", "ltd. şti.", "& co. kg", "& co. kgaa", "b.v.", "n.v.", "s.a.", "s.l.", "s.a.s.", "l.l.c.",
)  # fmt: skip


def with_legal_form(value: str, text: str) -> str:
    """``value`` with the form that stands right behind it where ``text`` has it, once and nowhere without it."""
    at = text.find(value)
    if at < 0 or text.count(value) != 1 or len(value) < 3:
        return value
    behind = text[at + len(value) : at + len(value) + 20]
    form = next((form for form in _FORMS if behind[1:].lower().startswith(form)), None)
    if form is None or behind[:1] != " ":
        return value
    return value + behind[: 1 + len(form)]
