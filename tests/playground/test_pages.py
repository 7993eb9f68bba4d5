"""The pages, used as a person uses them in a browser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.playground.git_client import Clone
from tests.playground.world import REPO, World

HOSTILE = '"><script>alert(1)</script>'


class Browser(httpx.Client):
    """Keeps cookies, follows redirects, sends the origin with forms as browsers do."""

    def __init__(self, url: str, login: str | None = None) -> None:
        super().__init__(base_url=url, follow_redirects=True)
        if login is not None:
            self.send_form("/login", login=login)

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        return self.post(path, data=fields, headers={"Origin": str(self.base_url).rstrip("/")})


@pytest.fixture
def browse(world: World) -> Iterator[Callable[..., Browser]]:
    opened: list[Browser] = []

    def browse(login: str | None = None) -> Browser:
        opened.append(Browser(world.url, login))
        return opened[-1]

    yield browse
    for browser in opened:
        browser.close()


Browse = Callable[..., Browser]


@pytest.fixture
def pull(world: World, make_clone: Callable[..., Clone]) -> int:
    """A pull request that changes a text, a binary and a strangely named file."""
    branch = f"topic/{uuid.uuid4().hex}"
    copy = make_clone()
    (copy.path / "blob.bin").write_bytes(b"\0\1\2" * 100 + branch.encode())
    files = {
        "README.md": f"# {branch}\n",
        f"dir/{branch[6:]} <b>.txt": "<i>new</i>\n",
        "page.html": "<script>1</script>\n",
    }
    sha = copy.commit(branch, files, "Title of the commit\n\nIts <body>.")
    copy.push(branch)
    token = world.make_token()
    body = {"title": "A pull request", "head": branch, "base": "main", "body": "- [x] done", "draft": True}
    number: int = world.call("POST", f"/repos/{REPO}/pulls", token, json=body).json()["number"]
    output = {"title": "All gates hold", "summary": "| a |\n|---|\n| b |\n"}
    run = {"name": "Specwright", "head_sha": sha, "conclusion": "success", "output": output}
    world.call("POST", f"/repos/{REPO}/check-runs", token, json=run)
    return number


def test_a_person_takes_an_issue_from_open_to_closed(world: World, browse: Browse) -> None:
    will = browse("will")
    label = next(found["id"] for found in world.call("GET", f"/repos/{REPO}/labels").json() if found["name"] == "bug")
    page = will.send_form(f"/{REPO}/issues", title="From a form", body="line\r\n- [ ] task", **{f"label-{label}": "on"})
    number = int(page.url.path.rsplit("/", 1)[1])
    at = f"/{REPO}/issues/{number}"
    will.send_form(f"{at}/labels", add="specwright")
    will.send_form(f"{at}/labels", remove="bug")
    will.send_form(f"{at}/comments", body="A **comment**", then="")
    will.send_form(f"{at}/edit", title="A better title")
    will.send_form(f"{at}/edit", body="A better text")
    page = will.send_form(f"{at}/comments", body="", then="close")
    issue = world.playground.get_issue(REPO, number)
    assert (issue["title"], issue["body"], issue["state"]) == ("A better title", "A better text", "closed")
    assert [found["name"] for found in issue["labels"]] == ["specwright"]
    assert "<strong>comment</strong>" in page.text and "closed this" in page.text
    assert "changed the title <del>From a form</del> A better title" in page.text
    world.wait()
    about = [event for event in world.listener.list_events() if event.startswith("issue")]
    assert about[-8:] == [
        "issues.opened",
        "issues.labeled",
        "issues.labeled",
        "issues.unlabeled",
        "issue_comment.created",
        "issues.edited",
        "issues.edited",
        "issues.closed",
    ]
    will.send_form(f"{at}/comments", body="", then="reopen")
    assert world.playground.get_issue(REPO, number)["state"] == "open"


def test_a_person_merges_a_pull_request(world: World, browse: Browse, pull: int) -> None:
    will, at = browse("will"), f"/{REPO}/pull/{pull}"
    assert "This is a draft." in will.get(at).text
    assert will.send_form(f"{at}/merge").status_code == 405
    will.send_form(f"{at}/draft")
    page = will.send_form(f"{at}/merge", method="squash")
    assert "Merged and closed" in page.text
    page = will.send_form(f"{at}/delete-branch")
    assert page.status_code == 200 and "Delete branch" not in page.text
    assert "Title of the commit" in will.get(f"{at}/commits").text


def test_pull_request_pages_show_what_changed(browse: Browse, pull: int) -> None:
    rita, at = browse("rita"), f"/{REPO}/pull/{pull}"
    files = rita.get(f"{at}/files").text
    assert "Binary file, not shown." in files
    assert re.search(r'<tr class="removed"><td class="number">1</td><td class="number"></td><td class="code"># ', files)
    assert "&lt;i&gt;new&lt;/i&gt;" in files and "<i>new</i>" not in files
    checks = rita.get(f"{at}/checks").text
    assert "All gates hold" in checks and "<td>b</td>" in checks
    assert "diff --git a/README.md b/README.md" in rita.get(f"{at}.diff").text
    assert "Merge pull request" not in rita.get(at).text
    assert rita.send_form(f"{at}/merge").status_code == 403


def test_who_may_not_write_sees_no_buttons_and_is_refused(world: World, browse: Browse) -> None:
    number = world.playground.open_issue(REPO, "will", "T")["number"]
    at = f"/{REPO}/issues/{number}"
    for login in ("rita", "stan"):
        person = browse(login)
        page = person.get(at).text
        assert "Add a label" not in page and "Close issue" not in page and "Leave a comment" in page
        assert person.send_form(f"{at}/labels", add="specwright").status_code == 403
        assert person.send_form(f"{at}/edit", title="Mine").status_code == 403
        assert person.send_form(f"{at}/comments", body="x", then="close").status_code == 403
        assert person.send_form(f"{at}/delete").status_code == 403
    assert world.playground.get_issue(REPO, number)["comments"] == 0


def test_nobody_is_asked_to_sign_in(world: World, browse: Browse) -> None:
    nobody, number = browse(), world.playground.open_issue(REPO, "will", "T")["number"]
    assert "to comment" in nobody.get(f"/{REPO}/issues/{number}").text
    page = nobody.send_form(f"/{REPO}/issues/{number}/comments", body="x")
    assert page.url.path == "/login"
    assert nobody.get("/settings/deliveries").url.path == "/login"
    assert nobody.get(f"/{REPO}/issues/new").url.path == "/login"


def test_private_repositories_are_hidden(world: World, browse: Browse) -> None:
    world.playground.create_repository("acme/dark", private=True, collaborators={"rita": "read"})
    for login, status in ((None, 404), ("stan", 404), ("rita", 200)):
        browser = browse(login)
        assert browser.get("/acme/dark").status_code == status
        assert browser.get("/acme/dark/issues").status_code == status
        assert ("acme/dark" in browser.get("/").text) == (status == 200)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(browse: Browse, target: str) -> None:
    browser = browse()
    answer = browser.post("/login", data={"login": "will", "next": target}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_forms_of_other_sites_are_refused(world: World, browse: Browse) -> None:
    will, number = browse("will"), world.playground.open_issue(REPO, "will", "T")["number"]
    answer = will.post(f"/{REPO}/issues/{number}/labels", data={"add": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert world.playground.get_issue(REPO, number)["labels"] == []


def test_hostile_words_stay_words(world: World, browse: Browse) -> None:
    issue = world.playground.open_issue(REPO, "will", HOSTILE, HOSTILE, [HOSTILE])
    world.playground.add_comment(REPO, issue["number"], "stan", HOSTILE)
    world.playground.create_account("mallory", name=HOSTILE)
    will = browse("will")
    for path in (f"/{REPO}/issues", f"/{REPO}/issues/{issue['number']}", f"/{REPO}/labels", "/login", "/mallory"):
        page = will.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    deliveries = will.get("/settings/deliveries").text
    world.wait()
    first = re.search(r"/settings/deliveries/\d+", deliveries)
    assert first is not None and "<script>alert" not in will.get(first.group()).text


def test_every_page_loads_nothing_from_elsewhere(world: World, browse: Browse, pull: int) -> None:
    will = browse("will")
    issue = world.playground.open_issue(REPO, "will", "T", "![x](https://elsewhere.example/x.png)")["number"]
    head = world.playground.list_pull_requests(REPO)[-1]["head"]
    run, branch = world.playground.list_check_runs(REPO, head["sha"])[0]["id"], head["ref"]
    paths = [
        "/", "/login", "/acme", "/will", "/apps/specwright", "/settings/deliveries", "/nothing/here",
        *(f"/{REPO}{path}" for path in (
            "", "/issues", "/issues?state=closed", "/issues/new", f"/issues/{issue}?edit=text", "/pulls", "/labels",
            f"/pull/{pull}", f"/pull/{pull}/files", f"/pull/{pull}/checks", f"/pull/{pull}/commits", f"/runs/{run}",
            f"/tree/{branch}/dir", f"/blob/{branch}/page.html", "/blob/main/README.md", f"/commits/{branch}",
            f"/commit/{head['sha']}",
        )),
    ]  # fmt: skip
    for path in paths:
        page = will.get(path)
        assert page.status_code == (404 if path == "/nothing/here" else 200), path
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        loaded = re.findall(r"""(?:src|<link[^>]*href)=["']([^"']*)""", page.text)
        assert loaded and all(target.startswith("/_playground/") for target in loaded), path
        for target in set(loaded):
            assert will.get(target).status_code == 200


def test_files_are_never_run_by_the_browser(world: World, browse: Browse, pull: int) -> None:
    branch = world.playground.list_pull_requests(REPO)[-1]["head"]["ref"]
    raw = browse().get(f"/{REPO}/raw/{branch}/page.html")
    assert raw.headers["content-type"].startswith("text/plain")
    assert raw.headers["x-content-type-options"] == "nosniff"


def test_stamp_changes_when_the_page_does(world: World, browse: Browse) -> None:
    number = world.playground.open_issue(REPO, "will", "T")["number"]
    browser, stamps, reactions = browse(), [], f"/repos/{REPO}/issues/{number}/reactions"
    for change in (
        lambda: None,
        lambda: world.playground.add_comment(REPO, number, "rita", "C"),
        lambda: world.playground.add_label(REPO, number, "will", "bug"),
        lambda: world.call("POST", reactions, world.make_token(), json={"content": "eyes"}),
    ):
        change()
        stamps.append(browser.get(f"/{REPO}/issues/{number}/stamp").text)
    assert len(set(stamps)) == 4
    assert f'data-stamp="{stamps[-1]}"' in browser.get(f"/{REPO}/issues/{number}").text


FORM = """
name: Spec
description: What to build
title: "Spec: "
labels: [spec]
body:
  - type: markdown
    attributes: {value: "Write **well**."}
  - type: textarea
    attributes: {label: Summary, description: What and why, placeholder: "<b>x</b>"}
    validations: {required: true}
  - type: textarea
    attributes: {label: SQL, render: sql}
  - type: input
    attributes: {label: Version}
  - type: dropdown
    attributes: {label: Kind, options: [small, large]}
  - type: checkboxes
    attributes: {label: Sure, options: [{label: "yes"}, {label: really}]}
"""


def test_issue_from_a_form_of_the_repository(world: World, browse: Browse, make_clone: Callable[..., Clone]) -> None:
    """The text is what GitHub makes of such a form; forms that cannot be read are left out."""
    world.playground.create_repository("acme/forms", collaborators={"will": "write"})
    copy = make_clone("will", name="acme/forms")
    folder = ".github/ISSUE_TEMPLATE"
    copy.commit("main", {f"{folder}/spec.yml": FORM, f"{folder}/broken.yml": "name: [", f"{folder}/config.yml": "a: b"})
    copy.push("main")
    will = browse("will")
    choice = will.get("/acme/forms/issues/new").text
    assert "What to build" in choice and "broken.yml" not in choice and "Blank issue" in choice
    page = will.get("/acme/forms/issues/new?template=spec.yml").text
    assert "Write <strong>well</strong>." in page and 'placeholder="&lt;b&gt;x&lt;/b&gt;"' in page
    answers = {"field-1": "All\r\nof it", "field-2": "SELECT 1;", "field-3": "", "field-4": "large", "field-5-1": "on"}
    made = will.send_form("/acme/forms/issues", template="spec.yml", title="Spec: one", **answers)
    issue = world.playground.get_issue("acme/forms", int(made.url.path.rsplit("/", 1)[1]))
    assert issue["body"].replace("\r\n", "\n") == (
        "### Summary\n\nAll\nof it\n\n### SQL\n\n```sql\nSELECT 1;\n```\n\n### Version\n\n_No response_\n\n"
        "### Kind\n\nlarge\n\n### Sure\n\n- [ ] yes\n- [X] really"
    )
    assert [label["name"] for label in issue["labels"]] == ["spec"]
    assert "Description" in will.get("/acme/forms/issues/new?template=blank").text
