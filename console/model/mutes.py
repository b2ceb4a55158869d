"""Who mutes an alert and until when: the silences and maintenance windows that it names by their ids."""

from typing import TYPE_CHECKING

import msgspec

from alerts.wire import AlertView, SilenceView
from console.ops_api.client import OpsClient

if TYPE_CHECKING:
    from alerts.maintenance import MaintenanceView


class Mutes(msgspec.Struct, frozen=True):
    """What mutes one alert now."""

    fingerprint: str
    silences: tuple[SilenceView, ...] = ()
    windows: "tuple[MaintenanceView, ...]" = ()


def read_mutes(client: OpsClient, alert: AlertView) -> Mutes:
    """The silences and windows that mute an alert; asks for nothing where none does. Raises ``OpsError``."""
    return Mutes(
        alert.fingerprint,
        tuple(s for s in client.silences() if s.id in alert.silenced_by) if alert.silenced_by else (),
        tuple(w for w in client.maintenances(everything=False) if str(w.id) in alert.maintenance)
        if alert.maintenance
        else (),
    )
