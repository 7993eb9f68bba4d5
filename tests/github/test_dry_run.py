"""A dry run reads for real, says what it would do, and does nothing."""

from __future__ import annotations

from bot.github.client import GitHub
from bot.github.dry_run import DryRunGitHub
from bot.github.protocol import GitHubClient
from tests.playground.world import REPO, World


def test_effects_are_said_and_not_done(world: World, github: GitHub, issue: int, branch: str) -> None:
    dry = DryRunGitHub(github)
    before = (world.playground.get_issue(REPO, issue), world.playground.list_pull_requests(REPO))
    sha = github.find_branch(REPO, branch) or ""
    dry.ensure_reaction(REPO, issue, "eyes")
    assert dry.ensure_comment(REPO, issue, "status", "Working").body == "Working"
    made = dry.ensure_pull_request(REPO, branch, "main", "Title", "Body", True)
    assert (made.number, made.html_url, made.draft) == (0, "", True)
    assert dry.ensure_check_run(REPO, sha, "Specwright", "e", None, "Working", "…") == ""
    dry.ensure_check_run(REPO, sha, "Specwright", "e", "success", "Done", "…")
    assert dry.ensure_issue(REPO, "drift", "Title", "Text", "open").issue is None
    dry.delete_branch(REPO, branch)
    dry.delete_branch(REPO, "absent")
    assert dry.effects == [
        f"would react to {REPO}#{issue} with eyes",
        f"would comment on {REPO}#{issue} (status):\nWorking",
        f"would open a draft pull request in {REPO} from {branch} to main, titled 'Title':\nBody",
        f"would report the check 'Specwright' on {REPO}@{sha[:12]} as in progress: Working",
        f"would report the check 'Specwright' on {REPO}@{sha[:12]} as success: Done",
        f"would have the issue 'Title' of {REPO} open:\nText",
        f"would delete the branch {branch} of {REPO}",
    ]
    assert (world.playground.get_issue(REPO, issue), world.playground.list_pull_requests(REPO)) == before
    assert world.playground.list_check_runs(REPO, branch) == []
    assert github.find_branch(REPO, branch) == sha


def test_open_pull_request_keeps_its_number(github: GitHub, branch: str) -> None:
    real = github.ensure_pull_request(REPO, branch, "main", "T", "B", True)
    dry = DryRunGitHub(github)
    shown = dry.ensure_pull_request(REPO, branch, "main", "T2", "B2", False)
    assert (shown.number, shown.title, shown.draft) == (real.number, "T2", False)
    assert dry.effects == [
        f"would make #{real.number} a pull request in {REPO} from {branch} to main, titled 'T2':\nB2"
    ]


def test_reads_are_real(github: GitHub, issue: int, branch: str) -> None:
    dry: GitHubClient = DryRunGitHub(github)
    assert dry.get_repository(REPO) == github.get_repository(REPO)
    assert dry.get_permission(REPO, "will") == "write"
    assert dry.get_issue(REPO, issue) == github.get_issue(REPO, issue)
    assert dry.get_user("will") == github.get_user("will")
    assert dry.find_file(REPO, "README.md", "main") == github.find_file(REPO, "README.md", "main")
    assert dry.find_branch(REPO, branch) == github.find_branch(REPO, branch)
    assert dry.find_pull_request(REPO, branch) is None
    assert dry.token() == github.token()
