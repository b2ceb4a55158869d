"""The right to change data in psql and redis-cli: asked for, confirmed, journalled."""

from console.ops_api.which_daemon import DaemonChoice

_STORES = {"psql": "postgres", "redis-cli": "redis"}


def write_access(
    which: DaemonChoice, program: str, write: bool, confirm: str | None, args: tuple[str, ...]
) -> list[str]:
    if not write:
        return []
    from console.cli.services.direct import confirmed_or_refuse, hold_store, journal_by_hand

    confirmed_or_refuse(
        f"{program}-write", confirm, f"{program} {' '.join(args)} with the right to change data"
    )
    hold_store(which, _STORES[program])
    journal_by_hand(which, f"{program} --write {' '.join(args)}")
    return ["--write"]
