"""Keeps the public site true to alerts, windows and words; a disk or a template in trouble never stops the daemon."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from alerts.alert import Alert
from alerts.self_alerts import EVALUATOR_SILENT
from alerts.service_figures import FAILED_RATE, REQUEST_RATE
from server.ops.prometheus import PrometheusUnreachableError
from server.ops.public.earlier_memory import earlier_records
from server.ops.public.follow import (
    Automatic,
    HeldStates,
    automatic_events,
    changes_of,
    in_windows,
)
from server.ops.public.publisher import Publisher
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger, Transaction
from server.periodic import Periodic
from web.component_history import (
    ComponentChanged,
    ComponentRecord,
    HistoryTakenOver,
    apply_change,
)
from web.component_status import ComponentStatus
from web.components import ComponentAlert, ComponentMap, Effect, status_by_component, trouble_since
from web.page import KEPT_DAYS, SiteFacts, clocked
from web.public_incident import PublicChanged, PublicIncident, PublicOpened, apply_public_event

_EVERY = timedelta(seconds=1)
_LOOKS_UNCHANGED = 5
"""Seconds after which the alerts are looked at though none changed: a hold-down ends by the clock."""
_AT_ONCE = 200
_LEAST_PER_S = 0.1
"""Requests a second below which a share says nothing."""
_FAILED_SHARE = f"{FAILED_RATE} / {REQUEST_RATE} and {REQUEST_RATE} >= {_LEAST_PER_S}"
_ENTRIES = 200
_MOST_UNJOURNALLED = 1_000
Measure = Callable[[str], Awaitable[float | None]]
"""The value of a query; raises ``PrometheusUnreachableError``."""
_log = logging.getLogger("publish")
_Told = ComponentChanged | PublicOpened | PublicChanged


class PublicSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the page calls itself, and what it does by itself."""

    name: str
    url: str
    hold_down: timedelta
    clears_after: timedelta = timedelta(0)
    auto: bool = True
    """Whether trouble is told before a person has found words for it."""
    robots: bool = False
    memory: Path | None = None
    """Where an earlier version kept what it knew of the components."""


class PublicRefresh:
    """Follows the alerts, journals what the public sees of them, and has the site published where it is another."""

    def __init__(
        self,
        ledger: Ledger,
        publisher: Publisher,
        measure: Measure,
        components: Callable[[], ComponentMap],
        settings: PublicSettings,
        published: Callable[[Path], object] = lambda folder: None,
    ) -> None:
        self._ledger = ledger
        self._components = components
        self._publisher = publisher
        self._measure = measure
        self._settings = settings
        self._published = published
        self._held = HeldStates(settings.clears_after)
        self._failed_share: float | None = None
        self._seen: tuple[int, ComponentMap] | None = None
        self._looks = 0
        self._alerts: list[ComponentAlert] = []
        self._beside: dict[str, ComponentRecord] = {}
        """What has changed of components while the journal could not be written: shown all the same."""
        self._beside_incidents: dict[int, PublicIncident] = {}
        self._unjournalled: list[_Told] = []
        """What the public was told meanwhile, to be written down when that can be done again."""
        self._is_taken_over = False
        self.loop = Periodic("publish", _EVERY, self.look)

    async def look(self) -> None:
        """One look; the alerts are gone through where one has changed since the last, or that was long ago."""
        self._looks += 1
        seen = (self._ledger.state.revision, self._components())
        if seen != self._seen or self._looks >= _LOOKS_UNCHANGED:
            await self._look_at_alerts()
            self._seen, self._looks = seen, 0
        await self._follow_and_show()

    async def publish(self) -> None:
        """One look at everything; raises what goes wrong with the disk or a template."""
        await self._look_at_alerts()
        await self._follow_and_show()

    @property
    def records(self) -> Mapping[str, ComponentRecord]:
        """What is known of each component, journalled or not yet."""
        return {**self._ledger.state.components, **self._beside}

    @property
    def states(self) -> Mapping[str, ComponentStatus]:
        """How each component is shown."""
        return {component: record.status for component, record in self.records.items()}

    def facts(self, now: datetime) -> SiteFacts:
        """What the site is made of now."""
        state, since = self._ledger.state, now - timedelta(days=KEPT_DAYS)
        incidents = {**dict(state.public_incidents), **self._beside_incidents}
        latest = sorted(incidents.values(), key=lambda one: one.created_at)[-_ENTRIES:]
        windows = [w for w in state.maintenances.values() if w.updates][-_ENTRIES:]
        facts = SiteFacts(
            name=self._settings.name,
            url=self._settings.url,
            shown=self._components(),
            records=dict(self.records),
            incidents=tuple(i for i in latest if i.is_open or i.created_at > since),
            windows=tuple(w for w in windows if not w.is_over or w.starts_at > since),
            today=now.date(),
            robots=self._settings.robots,
            seen_until=self._seen_until(),
        )
        return clocked(facts, now)

    def _seen_until(self) -> datetime | None:
        """When whoever evaluates fell silent; without its word no component is known to be well."""
        silent = (
            self._ledger.state.alerts.get(one)
            for one in self._ledger.state.index.named(EVALUATOR_SILENT.name)
        )
        return min((alert.started_at for alert in silent if alert is not None and alert.active), default=None)

    async def _look_at_alerts(self) -> None:
        speaking, felt = [], False
        for n, effect in enumerate(self._components().effects):
            try:
                alert = await self._oldest(effect)
            except Exception as error:  # noqa: BLE001 - one bad item never takes the page with it
                self._ledger.item_faults.note("publishing", f"effect {n} of components.yml", error)
                continue
            self._ledger.item_faults.well("publishing", f"effect {n} of components.yml")
            if alert is not None:
                speaking.append(ComponentAlert(labels=alert.labels, since=alert.started_at))
                felt |= effect.felt
        await self._measure_failures(felt)
        self._alerts = speaking

    async def _follow_and_show(self) -> None:
        await self._take_over()
        now = self._ledger.clock()
        told = self._told(now)
        if told or self._unjournalled:
            await self._journal([*self._unjournalled, *told])
            if self._unjournalled:
                self._show_beside(told, now)
        folder = await asyncio.to_thread(self._publisher.publish, self.facts(now), now)
        if folder is not None:
            self._published(folder)

    def _told(self, now: datetime) -> list[_Told]:
        """What the public is to see that it does not see yet."""
        shown, settings, state = self._components(), self._settings, self._ledger.state
        found = status_by_component(self._alerts, now, settings.hold_down, self._failed_share, shown)
        records = self.records
        wanted = in_windows(found, state.open_windows(), now)
        states = {
            component: self._held.held(component, _known(records, component), status, now)
            for component, status in wanted.items()
        }
        since = trouble_since(self._alerts, now, settings.hold_down, shown)
        told: list[_Told] = list(changes_of(records, states, since, shown, now))
        if settings.auto:
            names = {component.id: component.name for component in shown.components}
            seen = Automatic(states=states, since=since, names=names, now=now)
            incidents = {**dict(state.public_incidents), **self._beside_incidents}
            last = max((state.last_public, *self._beside_incidents))
            told += automatic_events(incidents.values(), last, seen)
        return told

    async def _journal(self, told: list[_Told]) -> None:
        """Writes it down, and what could not be written down before; where that fails it is shown all the same."""
        try:
            await self._ledger.decide(lambda tx: _record(tx, told))
        except JOURNAL_ERRORS as error:
            self._unjournalled = told[-_MOST_UNJOURNALLED:]
            self._ledger.item_faults.note("publishing", "the journal", error)
            return
        self._unjournalled = []
        self._beside.clear()
        self._beside_incidents.clear()
        self._ledger.item_faults.well("publishing", "the journal")

    def _show_beside(self, told: list[_Told], now: datetime) -> None:
        for event in told:
            if isinstance(event, ComponentChanged):
                known = self.records.get(event.component_id)
                self._beside[event.component_id] = apply_change(known, event, now)
                continue
            number = event.incident.id if isinstance(event, PublicOpened) else event.id
            known_entry = self._beside_incidents.get(number) or self._ledger.state.public_incidents.get(
                number
            )
            after = apply_public_event(known_entry, event, now, DAEMON.name)
            if after is not None:
                self._beside_incidents[number] = after

    async def _take_over(self) -> None:
        """What an earlier version knew, once."""
        if self._is_taken_over:
            return
        memory = self._settings.memory
        if memory is not None and not self._ledger.state.components:
            records = await asyncio.to_thread(earlier_records, memory)
            if records:
                event = HistoryTakenOver(records=records)
                with contextlib.suppress(*JOURNAL_ERRORS):
                    await self._ledger.decide(lambda tx: tx.record(event, DAEMON, "components"))
        self._is_taken_over = True

    async def _measure_failures(self, is_wanted: bool) -> None:
        """The share of failed requests; what was measured last stands where nothing can be measured now."""
        if not is_wanted:
            self._failed_share = None
            return
        with contextlib.suppress(PrometheusUnreachableError, ValueError, TypeError, LookupError):
            share = await self._measure(_FAILED_SHARE)
            if share is not None and share == share:
                self._failed_share = share

    async def _oldest(self, effect: Effect) -> Alert | None:
        """Of all active alerts that an effect means the oldest, muted or not."""
        state, oldest = self._ledger.state, None
        name = effect.when.alertname
        meant = state.alerts if name is None else state.index.named(name)
        for n, fingerprint in enumerate(tuple(meant)):
            if n % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            alert = state.alerts.get(fingerprint)
            if alert is None or not alert.active or (oldest and alert.started_at >= oldest.started_at):
                continue
            if effect.when.fits(alert.labels):
                oldest = alert
        return oldest


def _known(records: Mapping[str, ComponentRecord], component: str) -> ComponentStatus:
    known = records.get(component)
    return known.status if known is not None else "operational"


def _record(tx: Transaction, told: list[_Told]) -> None:
    """Records what the public was told; an entry whose number somebody else's has by now gets the next one."""
    numbers: dict[int, int] = {}
    for event in told:
        if isinstance(event, ComponentChanged):
            tx.record(event, DAEMON, event.component_id)
            continue
        if isinstance(event, PublicOpened):
            number = tx.state.last_public + 1
            numbers[event.incident.id] = number
            event = PublicOpened(incident=msgspec.structs.replace(event.incident, id=number))
        else:
            event = msgspec.structs.replace(event, id=numbers.get(event.id, event.id))
        tx.record(event, DAEMON, _entry(event))


def _entry(event: PublicOpened | PublicChanged) -> str:
    return f"public-{event.incident.id if isinstance(event, PublicOpened) else event.id}"
