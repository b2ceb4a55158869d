"""Objects of parts that are built alike."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_COUNTED = {"name": {"type": "string"}, "amount": {"type": "number"}, "unit": {"type": "string"}}
_HOSTS = {
    "hostname": {"type": "string"},
    "ip": {"type": "string", "format": "ipv4"},
    "os": {"type": "string"},
}
_GOODS = {"item": {"type": "string"}, "quantity": {"type": "integer"}, "unit_price": {"type": "number"}}
_LEGS = {"from": {"type": "string"}, "to": {"type": "string"}, "train": {"type": "string"}}
_DOSES = {"vaccine": {"type": "string"}, "date": {"type": "string", "format": "date"}}
_PARTIES = {"name": {"type": "string"}, "role": {"type": "string", "enum": ["seller", "buyer"]}}
_PLANTS = {"name": {"type": "string"}, "spacing_cm": {"type": "number"}}


def _rows(prompt: str, members: dict[str, Any]) -> Any:
    items = {"type": "array", "items": {"type": "object", "properties": members}}
    return fill({"type": "object", "properties": {"rows": items}}, prompt, understand(prompt)).get("rows")


@pytest.mark.parametrize(
    ("prompt", "members", "found"),
    [
        ("For the dough you need 300 g spelt, 3 eggs and a pinch of nutmeg.", _COUNTED, [{"name": "spelt", "amount": 300, "unit": "g"}, {"name": "eggs", "amount": 3}, {"name": "nutmeg", "amount": 1, "unit": "pinch"}]),
        ("Heat 20 g ghee, stir in 2 onions and 400 ml stock.", _COUNTED, [{"name": "ghee", "amount": 20, "unit": "g"}, {"name": "onions", "amount": 2}, {"name": "stock", "amount": 400, "unit": "ml"}]),
        ("Hosts: app7 (192.168.3.4, Fedora), app8 (192.168.3.5, Alpine)", _HOSTS, [{"hostname": "app7", "ip": "192.168.3.4", "os": "Fedora"}, {"hostname": "app8", "ip": "192.168.3.5", "os": "Alpine"}]),
        ("Your basket:\n- 40 folders at £0.30 each\n- 2 desk lamps at £19.50 each\n", _GOODS, [{"item": "folders", "quantity": 40, "unit_price": 0.3}, {"item": "desk lamps", "quantity": 2, "unit_price": 19.5}]),
        ("The route: IC 201 from Turin to Milan, then RE 9 from Milan to Lecco.", _LEGS, [{"from": "Turin", "to": "Milan", "train": "IC 201"}, {"from": "Milan", "to": "Lecco", "train": "RE 9"}]),
        ("Given so far: polio on 2021-03-04, mumps on 2022-05-06.", _DOSES, [{"vaccine": "polio", "date": "2021-03-04"}, {"vaccine": "mumps", "date": "2022-05-06"}]),
        ("The deal between Hugo Lang (seller) and Nina Roth (buyer) closes on 3 May.", _PARTIES, [{"name": "Hugo Lang", "role": "seller"}, {"name": "Nina Roth", "role": "buyer"}]),
        ("In the new bed: beans 20 cm apart, chard 30 cm apart.", _PLANTS, [{"name": "beans", "spacing_cm": 20}, {"name": "chard", "spacing_cm": 30}]),
    ],
)  # fmt: skip
def test_parts_that_are_built_alike_are_objects(
    prompt: str, members: dict[str, Any], found: list[dict[str, Any]]
) -> None:
    assert _rows(prompt, members) == found


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        ("We don't need 300 g spelt, 3 eggs and 2 lemons.", _COUNTED),
        ("Perhaps we need 300 g spelt, 3 eggs and 2 lemons.", _COUNTED),
        ("app7 (192.168.3.4, Fedora), app8 (192.168.3.5, Alpine) were deleted, not these.", _HOSTS),
        ("Do not order these:\n- 40 folders at £0.30 each\n- 2 desk lamps at £19.50 each\n", _GOODS),
        ("Deliver to 8 Long Lane, 12 Short Lane.", _COUNTED),
    ],
)
def test_parts_that_are_not_so_are_none(prompt: str, members: dict[str, Any]) -> None:
    assert _rows(prompt, members) is None
