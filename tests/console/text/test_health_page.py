"""Health in words."""

from console.text.health_page import health_lines


def test_nothing_is_printed_as_a_program_writes_it() -> None:
    said = {
        "status": "ok", "read_only": None, "degraded": [], "hosts": ["a", "b"], "uptime_s": 12.50, "steps": 3, "anchored": True,
        "parts": {"paging": {"status": "ok", "why": ""}, "stream": {}},
        "loops": [{"name": "poll", "failures": 0, "error": None}],
        "said": "one\ntwo",
    }  # fmt: skip
    assert list(health_lines(said)) == [
        "status: ok",
        "read_only: none",
        "degraded: none",
        "hosts: a, b",
        "uptime_s: 12.5",
        "steps: 3",
        "anchored: yes",
        "parts:",
        "  paging:",
        "    status: ok",
        "    why: none",
        "  stream: none",
        "loops:",
        "  - name poll, failures 0, error none",
        "said: one two",
    ]
