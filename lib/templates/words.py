"""The words of config/workbook_words.yaml: what stands in a workbook beside the form's own titles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.model.words import Words
from lib.settings import ROOT
from lib.settings.document import Entry, read

# Limits of the .xlsx format for the messages of a data validation.
TITLE_LIMIT, TEXT_LIMIT = 32, 255
LEGEND = ("required", "optional", "prefilled", "missing", "wrong")
MESSAGES = (
    "mark", "choice", "yesno", "date", "count", "number", "grade", "month", "class", "subject", "association", "pupil", "teacher", "email",
)  # fmt: skip
SHEETS_TABLE = ("title", "tab", "purpose", "filled_by", "due", "monthly", "quarter", "half_year")


@dataclass(frozen=True)
class Message:
    """What a person reads who typed something else than is expected: a title and one text in both languages."""

    title: str
    text: str


@dataclass(frozen=True)
class WorkbookWords:
    """The parsed config/workbook_words.yaml. `sections`: title and lines of the instruction; `examples`: right and wrong spellings."""

    instruction_tab: Words
    lists_tab: Words
    restricted: Words
    optional: Words
    protected: Words
    sheets_table: dict[str, Words]
    sections: tuple[tuple[Words, tuple[Words, ...]], ...]
    legend_title: Words
    legend: dict[str, Words]
    examples: dict[str, Words]
    pairs: tuple[tuple[str, str], ...]
    messages: dict[str, Message]


def _line(entry: Entry) -> Words:
    line = Words(entry.take("ky"), entry.take("ru"))
    entry.done()
    return line


def read_words(config: Path = ROOT / "config") -> WorkbookWords:
    """Read config/workbook_words.yaml; UserError names file, line and key of what is wrong."""
    document = read(config / "workbook_words.yaml")
    table = document.entry("sheets_table")
    legend = document.entry("legend")
    examples = document.entry("examples")
    messages = document.entry("messages")
    sections = []
    for section in document.entries("sections"):
        sections.append((section.words("title"), tuple(_line(line) for line in section.entries("lines"))))
        section.done()
    pairs = []
    for pair in examples.entries("pairs"):
        pairs.append((pair.take("right"), pair.take("wrong")))
        pair.done()
    told = {}
    for key in MESSAGES:
        entry = messages.entry(key)
        told[key] = Message(entry.take("title"), entry.take("text"))
        if len(told[key].title) > TITLE_LIMIT:
            entry.fail("title", f"{len(told[key].title)} letters; the .xlsx format holds {TITLE_LIMIT}")
        if len(told[key].text) > TEXT_LIMIT - 20:
            entry.fail("text", f"{len(told[key].text)} letters; at most {TEXT_LIMIT - 20}, so that numbers fit in")
        entry.done()
    words = WorkbookWords(
        instruction_tab=document.words("instruction_tab"),
        lists_tab=document.words("lists_tab"),
        restricted=document.words("restricted"),
        optional=document.words("optional"),
        protected=document.words("protected"),
        sheets_table={key: table.words(key) for key in SHEETS_TABLE},
        sections=tuple(sections),
        legend_title=legend.words("title"),
        legend={key: legend.words(key) for key in LEGEND},
        examples={key: examples.words(key) for key in ("title", "right", "wrong")},
        pairs=tuple(pairs),
        messages=told,
    )
    for entry in (table, legend, examples, messages, document):
        entry.done()
    return words
