"""Facts about what an alert means to the public."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.checked_document import DocumentError
from web.component_status import ComponentStatus
from web.components import DEFAULT, ComponentAlert, overall, parse_components, status_by_component

ANALYZE, *_ = DEFAULT.components
NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


def _status(*alerts: ComponentAlert, hold_down: timedelta = timedelta(0)) -> dict[str, ComponentStatus]:
    return status_by_component(alerts, NOW, hold_down)


def _alert(name: str, *, age_s: int = 600) -> ComponentAlert:
    return ComponentAlert(labels={"alertname": name}, since=NOW - timedelta(seconds=age_s))


def test_with_no_alerts_everything_is_operational() -> None:
    assert set(_status().values()) == {"operational"}


def test_the_api_being_down_is_a_major_outage() -> None:
    assert _status(_alert("APIDown"))[ANALYZE.id] == "major_outage"


def test_the_worst_of_two_alerts_counts() -> None:
    assert _status(_alert("DatabaseDown"), _alert("APIDown"))[ANALYZE.id] == "major_outage"


def test_an_alert_younger_than_the_hold_down_shows_nothing() -> None:
    assert _status(_alert("APIDown", age_s=60), hold_down=timedelta(minutes=2))[ANALYZE.id] == "operational"


@pytest.mark.parametrize(
    ("failed_share", "status"),
    [
        (1.0, "major_outage"),
        (0.5, "major_outage"),
        (0.49, "partial_outage"),
        (0.05, "partial_outage"),
        (0.049, "degraded_performance"),
        (0.01, "degraded_performance"),
        (0.0, "degraded_performance"),
        (None, "partial_outage"),
    ],
)
def test_an_error_rate_is_as_bad_as_callers_feel_it_and_never_operational_while_it_fires(
    failed_share: float | None, status: ComponentStatus
) -> None:
    found = status_by_component([_alert("APIHighErrorRate")], NOW, timedelta(0), failed_share)
    assert found[ANALYZE.id] == status


def test_a_warning_shows_nothing_by_itself() -> None:
    assert set(_status(_alert("LowCacheHitRate")).values()) == {"operational"}


@pytest.mark.parametrize(
    ("statuses", "indicator", "words"),
    [
        (["operational"] * 3, "none", "All Systems Operational"),
        (["major_outage"] * 3, "critical", "Major System Outage"),
        (["major_outage", "operational"], "major", "Partial System Outage"),
        (["degraded_performance", "operational"], "minor", "Partially Degraded Service"),
        (["under_maintenance", "degraded_performance"], "maintenance", "Service Under Maintenance"),
    ],
)
def test_the_overall_sentence(statuses: list[ComponentStatus], indicator: str, words: str) -> None:
    assert overall(statuses) == (indicator, words)


OURS = """
components:
  - id: shopfront001
    name: Shop
    alerts:
      - when: [service="shop", severity="critical"]
        status: partial_outage
"""


def test_components_of_ones_own_follow_any_labels() -> None:
    shown = parse_components(OURS)
    fits = ComponentAlert(labels={"service": "shop", "severity": "critical"}, since=NOW)
    other = ComponentAlert(labels={"service": "shop", "severity": "warning"}, since=NOW)
    assert status_by_component([fits], NOW, timedelta(0), shown=shown) == {"shopfront001": "partial_outage"}
    assert status_by_component([other], NOW, timedelta(0), shown=shown) == {"shopfront001": "operational"}


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("shopfront001", "Shop", "line 3: id is 12 lower-case letters and digits; it is 'Shop'"),
        (
            "partial_outage",
            "red",
            "line 7: status is one of degraded_performance, partial_outage, major_outage",
        ),
        ("    name: Shop\n", "", "line 3: a component has no 'name'"),
        ('service="shop"', "service", "line 6: when: 'service' is no matcher"),
        ("status:", "state:", "line 7: an entry of alerts knows no 'state'"),
        ("components:", "component:", "line 2: the file knows no 'component'"),
    ],
)
def test_a_fault_of_the_components_is_named_with_its_line_and_what_would_be_right(
    before: str, after: str, fault: str
) -> None:
    with pytest.raises(DocumentError) as raised:
        parse_components(OURS.replace(before, after))
    assert any(str(found).startswith(fault) for found in raised.value.faults), raised.value


def test_an_id_is_there_once() -> None:
    twice = OURS + OURS.replace("components:", "").replace("Shop", "Other")
    with pytest.raises(DocumentError, match="the id 'shopfront001' is there already"):
        parse_components(twice)
