"""docs/access.md, made from the table of rights so that it cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterator

from lib.access.rights import PAGES, Rights
from lib.access.roles import Grain, Reach, Role, Scope

_HEAD = """# Who may see what

Made from `config/access.yaml` by `python run.py rights --format md`; a test holds the two equal. `python run.py rights` gives the same as
CSV. What stands in no row is refused: the menu hides the page, the page refuses by itself, and rows that may not be seen are dropped
before anything is drawn of them.

## What is seen

A letter for each grain: **a** aggregate (school, stage, grade, subject, association), **c** one class, **t** one teacher, **p** cells
about single pupils with their names, **r** restricted forms and the indicators of the administration. A capital: of the whole school; a
small letter: of one's own only. An empty cell: the page does not open. `open`: the page opens and asks for a code.
"""
_RULES = """
## Rules that hold everywhere

- A stage, a grade or a subject that tells of one single foreign class (its only one, or the one left beside one's own) is a class.
- A class with a subject is its teacher's result: a subject teacher sees their own subjects, a class teacher every subject of their class.
- Own classes are followed through the school years by their name: this year's 7-А is last year's 6-А. What somebody taught in an earlier
  year is read from that year's load.
- Class figures that come from a restricted form, and the indicators of the administration, are seen by those who fill them, within what
  is their own, and by the administration.
- Issues, cells and completeness are seen by the administration and by those whose tab it is. A restricted tab is its form's owner's.
- Several roles add up. Rights are judged at every run of a page, by the snapshot's staff list and this table as they are at that moment.

## Sign-in

Sign-in is Streamlit's (OpenID Connect; Google, or any provider). Put into `.streamlit/secrets.toml`, which is never committed:

```toml
[auth]
redirect_uri = "https://sapat.example/oauth2callback"
cookie_secret = "a long random text"
client_id = "from the provider"
client_secret = "from the provider"
server_metadata_url = "https://accounts.google.com/.well-known/openid-configuration"
```

The account's e-mail must be confirmed by the provider (`email_verified`) and stand in the staff sheet of the newest school year that has
begun, letter by letter, beside a person who works now. An address that stands there twice opens nothing. Who is taken off is out as soon
as the snapshot without them is current: an open page asks every 20 seconds. A sign-in lasts `sign_in_days`. Families whose e-mail stands
beside a pupil may sign in as well.

Without sign-in the demo school (`demo: true` in its store.yaml) offers "view as"; a real school's pages stay closed, unless
`access: this-computer-only` is set, the server listens on 127.0.0.1 alone, and the request came through no proxy. Never write
`demo: true` beside a real school.

Sign-ins, refusals and openings of pupils' pages stand in `access.log` in the desk, by keyed marks: no name, no e-mail, no pupil's code.
"""
_OWN = {
    Reach.FORMS: "the forms they fill, and the figures read from them",
    Reach.ASSOCIATION: "their methodical association: its subjects and teachers",
    Reach.CLASSES: "the classes they lead",
    Reach.LESSONS: "the classes and subjects they teach",
    Reach.CHILD: "their child",
}


def document(rights: Rights) -> str:
    """The whole of docs/access.md."""
    return "\n".join([_HEAD, *_matrix(rights), "\n## What is one's own\n", *_owns(rights), _RULES.rstrip()]) + "\n"


def _matrix(rights: Rights) -> Iterator[str]:
    yield f"| page | {' | '.join(role.value for role in Role)} |"
    yield "|---" * (len(Role) + 1) + "|"
    for page in PAGES:
        yield f"| {page} | {' | '.join(_cell(rights, role, page) for role in Role)} |"


def _cell(rights: Rights, role: Role, page: str) -> str:
    if not rights.opens(role, page):
        return ""
    letters = {Scope.SCHOOL: str.upper, Scope.OWN: str.lower}
    seen = [letters[scope](grain.value[0]) for grain in Grain if (scope := rights.scope(role, page, grain)) in letters]
    return "".join(seen) or "open"


def _owns(rights: Rights) -> Iterator[str]:
    yield "| role | words in the staff sheet | own |"
    yield "|---|---|---|"
    for role in Role:
        about = rights.roles[role]
        yield f"| {role.value} | {', '.join(sorted(about.staff)) or '–'} | {_OWN[about.own]} |"
