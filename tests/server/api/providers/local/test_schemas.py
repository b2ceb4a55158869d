"""Facts about callers' schemas, on the cases of the benchmark."""

import pytest

from bench.schemas import apart, schema_cases, score
from server.api.schema import SchemaShelf
from server.api.schema_process import SchemaProcesses


@pytest.mark.lengthy
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
async def test_no_value_is_false_refusals_are_honest_and_most_is_filled(every: int) -> None:
    shelf = SchemaShelf(SchemaProcesses())
    right = fillable = 0
    wrong = []
    for case in schema_cases()[::every]:
        found = await score(case, shelf)
        right, fillable = right + found.right, fillable + found.fillable
        if found.false or found.refused != (case.expected is None):
            wrong.append((case.prompt, found.found))
    await shelf.close()
    assert wrong == []
    assert right / fillable > 0.7


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_no_value_is_false_where_a_property_is_asked_for_alone() -> None:
    shelf = SchemaShelf(SchemaProcesses())
    wrong = []
    for case in apart(schema_cases()):
        found = await score(case, shelf)
        if found.false:
            wrong.append((case.prompt, found.found))
    await shelf.close()
    assert wrong == []
