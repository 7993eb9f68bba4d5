"""Repositories and specs that cannot be worked on: each is told why, nothing is left behind, the next run goes well."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.end_to_end.site import BOOKSHOP, Site
from tests.end_to_end.test_interruptions import SMALL

HEAD = BOOKSHOP / "migrations" / "versions" / "2026_01_19_e9a1f4427c83_e_mail_addresses_are_unique_whatever.py"
SECOND_HEAD = HEAD.read_text().replace("e9a1f4427c83", "0123456789ab")
BROKEN = HEAD.read_text().replace(
    "def upgrade() -> None:\n", "def upgrade() -> None:\n    raise RuntimeError('broken')\n"
)
NOTHING = "# Tidy up\n\n## Summary\nEverything should be nicer.\n"
CONTRADICTION = "# A\n\n## Data model\n```sql\nALTER TABLE books ADD title text;\nALTER TABLE nowhere ADD a int;\n```\n"
UNREADABLE = "# A\n\n## Data model\n```yaml\ntables:\n  shelves:\n    colums: {}\n```\n"
DONE = "# A\n\n## Data model\n```sql\nALTER TABLE books ALTER COLUMN title SET NOT NULL;\n```\n"
LINK = SMALL + "\nAs told in [the notes](notes.txt).\n"


@pytest.mark.parametrize(
    ("files", "text", "status", "said"),
    [
        pytest.param({}, NOTHING, "asked", "asks for", id="a spec that asks for nothing"),
        pytest.param({}, UNREADABLE, "asked", "colums", id="a data model that cannot be read"),
        pytest.param({}, CONTRADICTION, "asked", "nowhere", id="a data model that contradicts the schema"),
        pytest.param({}, DONE, "failed", "already in the schema", id="what is there already"),
        pytest.param({"notes.txt": "x" * 10_000_000}, LINK, "asked", "too large", id="a link to a file of 10 MB"),
        pytest.param({}, LINK, "asked", "is not in the repository", id="a link to nothing"),
        pytest.param({"alembic.ini": None, "migrations": None}, SMALL, "failed", "no alembic.ini", id="no Alembic"),
        pytest.param({"migrations/versions/second.py": SECOND_HEAD}, SMALL, "failed", "2 heads", id="two heads"),
        pytest.param({f"migrations/versions/{HEAD.name}": BROKEN}, SMALL, "failed", "broken", id="broken migrations"),
        pytest.param({".github/specwright.yml": "tset: x"}, SMALL, "failed", "tset", id="a config with a wrong key"),
        pytest.param({"requirements.txt": "no such package"}, SMALL, "failed", "dependencies", id="no environment"),
    ],
)
def test_the_issue_says_why_and_nothing_is_left(
    site: Site, files: Mapping[str, str | None], text: str, status: str, said: str
) -> None:
    repo = site.create_repo(files)
    issue = repo.open_spec(text)
    run = repo.wait_for_end(issue)
    comment = repo.get_status(issue)
    assert (run.status, said in comment) == (status, True), comment
    assert "What to do:" in comment
    assert (repo.list_branches(), repo.list_pull_requests()) == (["main"], [])


def test_an_empty_repository(site: Site) -> None:
    repo = site.create_repo(source=None)
    issue = repo.open_spec(SMALL)
    assert repo.wait_for_end(issue).status == "failed"
    assert "no commit" in repo.get_status(issue)


@pytest.mark.long
@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({"tests/test_red.py": "def test_red() -> None:\n    assert 0\n"}, "1 failed", id="failing tests"),
        pytest.param({"tests": None}, "| 0 | 0 | 0 |", id="no tests"),
    ],
)
def test_a_base_whose_tests_say_little_still_gets_its_pull_request(
    site: Site, files: Mapping[str, str | None], said: str
) -> None:
    repo = site.create_repo(files)
    issue = repo.open_spec(SMALL)
    run = repo.wait_for_end(issue)
    assert run.status in ("finished", "draft"), repo.get_status(issue)
    (pull,) = repo.list_pull_requests()
    assert said in repo.get_status(issue) + pull["body"]


@pytest.mark.long
def test_a_dry_run_says_what_it_would_do(site: Site) -> None:
    config = (BOOKSHOP / ".github" / "specwright.yml").read_text()
    repo = site.create_repo({".github/specwright.yml": f"{config}dry_run: true\n"})
    issue = repo.open_spec(SMALL)
    run = repo.wait_for_end(issue)
    assert run.status == "finished"
    assert (repo.list_branches(), repo.list_pull_requests()) == (["main"], [])
    assert site.playground.list_comments(repo.name, issue) == []
    (deliver,) = [step for step in site.store.list_steps(run.id) if step.name == "deliver"]
    effects = "\n".join((deliver.output or {})["effects"])
    for effect in ("push the commit", "open a pull request", "report the check 'Specwright'"):
        assert effect in effects


def test_a_secret_in_the_spec_is_never_pushed(site: Site) -> None:
    key = "AKIA" + "Z7TUQWER5YPL2MNB"  # in two parts, so that scanners leave this file alone
    repo = site.create_repo()
    issue = repo.open_spec(SMALL.replace("## Acceptance", f"## Summary\nThe key is {key}.\n\n## Acceptance"))
    assert repo.wait_for_end(issue).status == "failed"
    assert "secret" in repo.get_status(issue)
    assert (repo.list_branches(), repo.list_pull_requests()) == (["main"], [])
