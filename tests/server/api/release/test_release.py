"""Facts about releases: whole or not there, one code a version, a way back as long as there is one."""

from pathlib import Path

import pytest

from server.api.release.release import (
    KEPT,
    NoSuchReleaseError,
    changed_libraries,
    marked,
    put_back,
    step_back,
    take,
    whole,
)
from tests.paths import CHECKOUT


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Code that starts."""
    for name in (
        "__init__.py",
        "py.typed",
        "api/__init__.py",
        "api/worker/__init__.py",
        "api/worker/serve.py",
        "api/migrate.py",
        "store/__init__.py",
    ):
        path = tmp_path / "code" / "server" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path / "code"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the releases go."""
    return tmp_path / "releases"


def _write(source: Path, text: str) -> None:
    (source / "server" / "api" / "worker" / "serve.py").write_text(text)


def _mark(folder: Path) -> tuple[str, tuple[str, ...]]:
    mark = marked(folder)
    assert mark is not None
    return mark.version, mark.before


def test_without_a_release_none_is_marked_and_there_is_no_way_back(folder: Path) -> None:
    assert marked(folder) is None
    with pytest.raises(NoSuchReleaseError, match="deploy-marker makes one"):
        step_back(folder)


def test_the_first_release_has_none_before_it(folder: Path, source: Path) -> None:
    take(folder, source, "v1", in_use=set)
    assert _mark(folder) == ("v1", ())
    with pytest.raises(NoSuchReleaseError, match="v1 is the only release"):
        step_back(folder)
    assert _mark(folder) == ("v1", ())


def test_the_code_in_place_has_all_that_its_workers_import(folder: Path) -> None:
    take(folder, CHECKOUT, "v1", in_use=set)
    assert whole(folder, "v1")


def test_the_way_back_leads_to_the_code_before(folder: Path, source: Path) -> None:
    take(folder, source, "v1", in_use=set)
    _write(source, "NEW = True")
    take(folder, source, "v2", in_use=set)
    assert step_back(folder) == ("v2", "v1")
    assert _mark(folder) == ("v1", ())
    assert (folder / "v1" / "server" / "api" / "worker" / "serve.py").read_text() == ""
    assert (folder / "v2" / "server" / "api" / "worker" / "serve.py").read_text() == "NEW = True"


def test_after_going_back_the_next_release_leads_back_to_what_ran_before_it(
    folder: Path, source: Path
) -> None:
    for number in (1, 2):
        take(folder, source, f"v{number}", in_use=set)
    step_back(folder)
    take(folder, source, "v3", in_use=set)
    assert _mark(folder) == ("v3", ("v1",))


def test_the_same_version_of_the_same_code_is_marked_again(folder: Path, source: Path) -> None:
    for name in ("v1", "v2", "v1"):
        take(folder, source, name, in_use=set)
    assert _mark(folder) == ("v1", ("v2",))


def test_the_same_version_of_other_code_is_refused(folder: Path, source: Path) -> None:
    take(folder, source, "v1", in_use=set)
    _write(source, "NEW = True")
    with pytest.raises(NoSuchReleaseError, match="a version of its own"):
        take(folder, source, "v1", in_use=set)
    assert (folder / "v1" / "server" / "api" / "worker" / "serve.py").read_text() == ""


def test_code_that_does_not_start_is_never_marked(folder: Path, source: Path) -> None:
    take(folder, source, "v1", in_use=set)
    _write(source, "import nothing_of_that_name")
    with pytest.raises(NoSuchReleaseError, match="nothing_of_that_name"):
        take(folder, source, "v2", in_use=set)
    assert _mark(folder) == ("v1", ())
    assert {path.name for path in folder.iterdir()} == {"v1", "marked.json", ".lock"}


@pytest.mark.parametrize("name", ["../v1", ".", ".hidden", "a/b", "", "x" * 61])
def test_a_name_that_is_a_path_is_refused(folder: Path, source: Path, name: str) -> None:
    with pytest.raises(NoSuchReleaseError, match="is no name"):
        take(folder, source, name, in_use=set)


def test_a_release_that_lost_its_end_is_no_release(folder: Path, source: Path) -> None:
    for number in (1, 2, 3):
        take(folder, source, f"v{number}", in_use=set)
    (folder / "v2" / "RELEASE").unlink()
    assert not whole(folder, "v2")
    assert step_back(folder) == ("v3", "v1")


def test_a_release_that_was_changed_since_is_none_to_go_back_to_and_none_to_mark_again(
    folder: Path, source: Path
) -> None:
    for number in (1, 2):
        take(folder, source, f"v{number}", in_use=set)
    (folder / "v1" / "server" / "api" / "worker" / "serve.py").write_text("CHANGED = True")
    with pytest.raises(NoSuchReleaseError, match="v2 is the only release"):
        step_back(folder)
    with pytest.raises(NoSuchReleaseError, match="was changed since it was taken"):
        take(folder, source, "v1", in_use=set)


def test_only_the_last_few_are_kept_and_those_in_use(folder: Path, source: Path) -> None:
    for number in range(KEPT + 3):
        take(folder, source, f"v{number}", in_use=lambda: {"v0"})
    kept = {path.name for path in folder.iterdir() if path.is_dir()}
    assert kept == {"v0", *(f"v{number}" for number in range(3, KEPT + 3))}
    assert _mark(folder) == (f"v{KEPT + 2}", tuple(f"v{number}" for number in range(KEPT + 1, 2, -1)))


def test_a_mark_can_be_put_back(folder: Path, source: Path) -> None:
    for number in (1, 2):
        take(folder, source, f"v{number}", in_use=set)
    before = marked(folder)
    step_back(folder)
    assert before is not None
    put_back(folder, before)
    assert _mark(folder) == ("v2", ("v1",))


def test_libraries_that_changed_since_are_named(folder: Path, source: Path) -> None:
    take(folder, source, "v1", in_use=set)
    assert changed_libraries(folder / "v1") == []
    about = folder / "v1" / "RELEASE"
    about.write_text(about.read_text().replace('"packages":{', '"packages":{"lost-library":"1.0",'))
    assert changed_libraries(folder / "v1") == ["lost-library 1.0 → gone"]
