"""The shape in which a prompt wants its answer."""

from server.api.providers.local.pattern import pattern

_OUTRIGHT = (
    ("json", r"\bjson\b"),
    ("csv", r"\bcsv\b|comma[- ]separated values"),
    ("xml", r"\bxml\b"),
    ("html", r"\bhtml\b|\bweb ?page\b"),
    ("markdown", r"\bmarkdown\b"),
    ("table", r"\b(?:as|in|into|using|with|make|create|build|draw|organi[sz]e[^.]{0,40}|generate|of) (?:a |an |the )?(?:[\w-]+ )?(?:table|spreadsheet|grid)\b|\btabular\b|\btabelle\b|\btableau\b|\btabla\b|\btabella\b"),
    ("email", r"\b(?:write|draft|compose|create|send|prepare|generate|sending|writing|need)\b(?: me| us| him| her| them)? (?:a |an |the |this |my |back )*(?:[\w-]+ ){0,3}e-?mail\b|\breply to (?:the|this|an?) e-?mail\b|\bas an e-?mail\b|\be-mail schreiben\b"),
    ("code", r"\b(?:write|create|generate|implement|complete|code|script|develop|build|design|give|fix|debug|convert|add|replace|suggest|make|parse)\b[^?!]{0,80}\b(?:function|program|script|code|sql(?: query)?|query that can be executed|regex|regular expression|algorithm|unit test|python|javascript|java|c\+\+|bash|html|css|unit tests?|api endpoint|dockerfile)\b"),
    ("list", r"\b(?:list|bullet(?:ed)?(?: points?)?|bullets|numbered|enumerate|checklist|brainstorm|itemi[sz]e|separated by (?:commas|semicolons)|one per line|step[- ]by[- ]step list|liste|lista|elenco)\b|\b(?:top|some|several|a few|various|different|many|any good|two|three|four|five|six|seven|eight|nine|ten|\d{1,3}) (?:[\w'-]+ ){0,3}(?:examples|ideas|ways|tips|reasons|suggestions|options|names|things|synonyms|antonyms|adjectives|words|questions|facts|benefits|advantages|games|steps|collocations|items|books|movies|songs|places|spells|activities|exercises|recommendations|points|keywords|titles|topics|types|kinds|features|snacks|laws|dishes|countries|cities|foods)\b"),
    ("label", r"\b(?:yes or no|yes/no|true or false|true/false|positive,? (?:or )?negative|whether|classify|categori[sz]e|sentiment|spam|output (?:only )?(?:yes|true|1|0|\"|\'|the (?:label|class|category|passage index))|one of the following (?:categories|labels|classes|topics)|which (?:category|class|label)|select a, b|answer (?:with|you can answer)|toxic(?:ity)?|(?:tell|determine|decide|check|verify|detect|identify|judge|predict|see) (?:me |us )?(?:if|that))\b"),
    ("number", r"\b(?:how (?:many|much|old|far|tall|long|big|heavy|fast|high)|calculate|compute|count|solve|estimate|sum of|total (?:number|cost)|what (?:is|'s) the (?:number|sum|total|average|value|area|price|age|population|percentage|square root|distance|probability|product|mean|median)|find the (?:value|largest|smallest|sum|average)|find out the largest|output the number|in (?:which|what) year|convert(?:ing)? .{0,30}\d|math (?:word )?problems?|equations?|wie viele?|combien|cu[áa]nt[oa]s?|quant[oi])\b|\d\s*[+*/×÷^]\s*\d"),
)  # fmt: skip
_NOT_BEFORE = {"json": " ?l?ines? file", "table": " of contents"}
_RULES = tuple(
    (name, pattern(expression, unless=_NOT_BEFORE.get(name, ""))) for name, expression in _OUTRIGHT
)
_READ = 2_000
"""Characters of an instruction that are looked at."""
_ASKED_FOR = pattern(
    r"\b(?:as|in|into|to|using|output|return(?:ed)?|respond(?: with)?|answer(?: with)?|format(?:ted)?(?: as)?|give me|produce|generate|only)\s+"
    r"(?:it |them |the (?:results?|answer|output) )?(?:as |in |with )?(?:a |an |valid |well-formed |pure )*"
    r"(json|csv|xml|html|markdown|table|email|code|number|list)\b",
)
_OF_INTENT = {
    "classify": "label",
    "validate": "label",
    "list": "list",
    "calculate": "number",
    "sort": "list",
    "extract": "list",
    "schedule": "none",
    "send": "none",
    "inform": "none",
    "search": "list",
}
_PROSE = frozenset(
    [
        "translate",
        "summarize",
        "create",
        "rewrite",
        "explain",
        "describe",
        "answer",
        "compare",
        "analyze",
        "recommend",
        "plan",
        "fix",
        "convert",
    ]
)


def output_format_of(instruction: str, payload: str, intent: str) -> str:
    """One of text, list, table, json, csv, xml, html, markdown, code, email, number, label, none."""
    instruction = instruction[:_READ]
    named = _ASKED_FOR.search(instruction)
    if named is not None:
        return str(named[1]).lower()
    for name, rule in _RULES:
        if rule.search(instruction) and _fits(name, intent):
            return name
    if intent == "convert" and len(payload) < 60 and any(map(str.isdecimal, payload)):
        return "number"
    if intent in _OF_INTENT:
        return _OF_INTENT[intent]
    return "text" if intent in _PROSE else "none"


def _fits(name: str, intent: str) -> bool:
    """Whether an answer to this intent can have this shape at all."""
    if name == "label":
        return intent in ("classify", "validate", "answer", "analyze", "compare", "extract", "other", "fix")
    if name == "number":
        return intent in ("calculate", "answer", "convert", "other", "extract")
    if name == "list":
        return (
            intent not in ("classify", "validate", "translate", "calculate", "rewrite", "sort")
            or intent == "sort"
        )
    if name in ("html", "xml", "csv", "json"):
        return intent not in ("answer", "explain", "describe")
    return True
