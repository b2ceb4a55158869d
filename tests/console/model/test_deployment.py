"""Facts about what the doctor makes of what the parts of a deployment say."""

import msgspec

from alerts.wire import ContactsView, ContactView, ServiceView, UserView
from console.model.deployment import (
    JOBS,
    judge_actions,
    judge_contacts,
    judge_health,
    judge_hosts,
    judge_people,
    judge_rules,
    judge_services,
    judge_steps,
    judge_targets,
)
from console.ops_api.prometheus_answer import PrometheusRule
from runbooks.wire import ActionView, RunbookView

ALL_UP = dict.fromkeys(JOBS, True)


def runbook(alert: str | None) -> RunbookView:
    return RunbookView(id=alert or "maintenance/X", title="x", digest="0", alert=alert)


def test_all_that_the_rules_read_must_be_scraped_and_answer() -> None:
    assert [finding.ok for finding in judge_targets(ALL_UP)] == [True]
    missing = {job: up for job, up in ALL_UP.items() if job != "redis"}
    findings = judge_targets({**missing, "api": False, "other": False})
    assert [(finding.ok, finding.text) for finding in findings] == [
        (False, "nobody scrapes redis"),
        (False, "api does not answer"),
    ]
    assert "METRICS_TOKEN" in findings[1].fix


def test_an_alert_that_nobody_evaluates_is_named_and_the_daemons_own_are_not() -> None:
    loaded = [PrometheusRule("APIDown", "alerting", "ok"), PrometheusRule("job:x", "recording", "ok")]
    shelf = [runbook(name) for name in ("APIDown", "RedisDown", "EvaluatorSilent", None)]
    (finding,) = judge_rules(loaded, shelf, ["EvaluatorSilent"])
    assert (finding.ok, finding.text) == (False, "nobody evaluates RedisDown")
    (finding,) = judge_rules(loaded, shelf[:1], [])
    assert (finding.ok, finding.text) == (True, "1 alerts are evaluated")


def test_a_rule_that_cannot_be_evaluated_is_said_with_its_error() -> None:
    (finding,) = judge_rules([PrometheusRule("A", "alerting", "err", "bad regexp")], [], [])
    assert (finding.ok, finding.text) == (False, "A cannot be evaluated: bad regexp")


def test_a_service_that_does_not_run_is_said_with_the_command_that_starts_it() -> None:
    views = [
        ServiceView(name="api", state="fatal", detail="exit 2"),
        ServiceView(name="redis", state="running"),
    ]
    (finding,) = judge_services(views)
    assert (finding.ok, finding.text) == (False, "api is fatal: exit 2")
    assert finding.fix == "ops logs api, then ops start api"
    assert judge_services(views[1:])[0].ok


def test_parts_of_the_daemon_are_named_and_the_evaluators_silence_is_not_said_twice() -> None:
    assert judge_health({"journal": "ok", "evaluator": "no Watchdog for 30 s"}).ok
    finding = judge_health({"journal": "the disk is full", "ballast": "given up"})
    assert (finding.ok, finding.text) == (False, "ballast: given up; journal: the disk is full")


def test_what_control_groups_can_do_is_said_and_what_is_missing_has_its_hint() -> None:
    everything = dict.fromkeys(("kill", "processes", "memory", "freeze"), True)
    assert (judge_steps(everything).ok, judge_steps(everything).fix) == (True, "")
    some = judge_steps({**everything, "memory": False})
    assert ("bound its memory" in some.text, "bound its memory" in some.fix) == (False, True)
    assert "no control group" in judge_steps(dict.fromkeys(everything, False)).text


def test_a_daemon_that_only_observes_is_well_and_says_so() -> None:
    def action(*, available: bool) -> ActionView:
        return ActionView(name="x", title="x", kind="change", object="api", available=available)

    assert judge_actions([action(available=True), action(available=False)]).text == (
        "1 of 2 are available on this target"
    )
    finding = judge_actions([action(available=False)])
    assert (finding.ok, finding.text) == (True, "none: this daemon only observes")
    assert "--profile host-ops" in finding.fix


def test_nobody_with_a_name_is_worth_a_word() -> None:
    admin, ana = UserView(name="admin", role="admin"), UserView(name="ana", role="responder")
    assert "ops users add" in judge_people([admin, UserView(name="eve", role="viewer")]).fix
    assert judge_people([admin, ana]).text == "ana can respond"


def test_a_daemon_that_answers_to_any_name_is_told_how_to_know_its_own() -> None:
    assert judge_hosts("named").fix == ""
    assert "ALLOWED_HOSTS" in judge_hosts("any").fix


def test_whoever_cannot_be_called_is_found_before_the_night() -> None:
    people = tuple(
        ContactView(
            id=name,
            name=name,
            user="",
            channels=("file a.log", "apprise env:A"),
            levels=("L1",),
            troubles=troubles,
        )
        for name, troubles in (("ana", ()), ("ben", ("apprise env:A: the variable A is not set",)))
    )
    view = ContactsView(levels=(), people=people)
    assert not (found := judge_contacts(view)).ok
    assert found.text == "ben: apprise env:A: the variable A is not set"
    lost = msgspec.structs.replace(people[1], channels=("apprise env:A",))
    assert "(ben cannot be called at all)" in judge_contacts(ContactsView(levels=(), people=(lost,))).text
    assert judge_contacts(ContactsView(levels=(), people=people[:1])).text.startswith("1 on call")
