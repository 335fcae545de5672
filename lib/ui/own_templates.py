"""The block of the school's own templates: which there are, what each placeholder stands for now, what is wrong, and the filled file."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib import i18n, wording
from lib.documents.basis import Basis
from lib.documents.own import shelf as shelves
from lib.documents.own.answers import Purpose
from lib.documents.own.filling import archive_of_classes, fill
from lib.documents.own.package import DOCX, MAX_FILE_BYTES
from lib.documents.own.template import Looked, Template
from lib.documents.own.words import PlaceholderWords, load
from lib.documents.phrases import load as load_phrases
from lib.i18n import gettext as _
from lib.settings import GoogleFolder, UserError
from lib.store.folder import OWN_TEMPLATES
from lib.ui import data, file_field
from lib.ui.blocks.panel import XLSX, as_typed, to_read
from lib.ui.documents import MIMES, WIDTH, language_box, member_name, one_archive, period_box, sort_name
from lib.ui.page import View

UPLOADED = "\0uploaded"  # no file can be called so
_SORTS = ("school_class", "subject", "association")


def shelf(view: View) -> None:
    """Choose a template, see its placeholders with their values, take the filled file."""
    st.subheader(_("The school's own templates"), anchor=False)
    words, basis = load(), data.basis(view.snapshot, view.loaded)
    place = shelves.folder(view.loaded, words)
    names = shelves.names(place)
    shown = words.folder if isinstance(view.loaded.store, GoogleFolder) else OWN_TEMPLATES
    st.caption(
        _(
            "Word (.docx) and Excel (.xlsx) files with placeholders lie in the folder “{folder}”; or look at one here without keeping it.",
            folder=shown,
        )
    )
    _grammar(words)
    try:
        template = _chosen(place, names)
        if template is None:
            return
        purpose, language = _purpose(view, basis)
        with i18n.speaking(language):
            looked = fill(basis, load_phrases(), words, template, purpose)
    except UserError as error:
        st.error(wording.plain(str(error)))
        return
    _faults(looked)
    _values(looked)
    if looked.content:
        ending = template.kind
        st.download_button(
            _("Take the filled file"), looked.content, purpose.file(template.name) + ending, MIMES[DOCX] if template.is_word else XLSX,
            type="primary", icon=":material/download:", on_click="ignore", key="own_file",
        )  # fmt: skip
        if not purpose.scope and len(basis.classes(purpose.school_year)) > 1:
            _set(view, basis, words, template, purpose, language)


def _grammar(words: PlaceholderWords) -> None:
    """How placeholders are written: examples, and every field."""
    with st.expander(f":material/data_object: {_('How placeholders are written')}"):
        spoken = i18n.language()
        examples = {
            "{{D1.02}}": _("the value for the group and period that are chosen here"),
            "{{D1.02 7-А Q1}}": _("of a class and a quarter"),
            "{{D1.02 ALG}}": _("of a subject"),
            f"{{{{{words.whole.of(spoken)} D1.02}}}}": _("of the whole school"),
        }
        rows = list(examples.items())
        rows += [(f"{{{{{one.spelt.of(spoken)} D1.02}}}}", one.about.of(spoken)) for one in words.figures.values() if one.key != "value"]
        rows += [(f"{{{{{one.spelt.of(spoken)}}}}}", one.about.of(spoken)) for one in words.fields.values()]
        columns = {_("Placeholder"): [row[0] for row in rows], _("What it gives"): [row[1] for row in rows]}
        st.table(as_typed(to_read(columns)), border="horizontal", hide_index=True, alt=_("How placeholders are written"))
        st.caption(_("In a spreadsheet a cell with one placeholder alone becomes a number and keeps its look; formulas are computed anew."))


def _chosen(place: object, names: list[str]) -> Template | None:
    options = [*names, UPLOADED]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Template"), options, key="own_template", width=330,
            format_func=lambda one: _("a file of this computer") if one == UPLOADED else one,
        )  # fmt: skip
    if name != UPLOADED:
        return shelves.opened(place, str(name))  # type: ignore[arg-type]
    file_field.in_our_words()
    given = st.file_uploader(_("A template, up to {limit} MB", limit=MAX_FILE_BYTES // 2**20), type=["docx", "xlsx"], key="own_upload")
    return None if given is None else Template.of(given.name, given.getvalue())


def _purpose(view: View, basis: Basis) -> tuple[Purpose, str]:
    """For which group and period it is filled, and in which language."""
    year = view.chosen.school_year
    found = {"school_class": basis.classes(year), "subject": basis.subjects(year), "association": basis.associations(year)}
    sorts = ["", *(name for name in _SORTS if found[name])]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.selectbox(
            _("Filled for"), sorts, format_func=lambda one: sort_name(one) if one else _("Whole school"), key="own_sort", width=190
        )  # fmt: skip
        scope = {}
        if sort:
            value = st.selectbox(
                sort_name(sort), found[sort], format_func=lambda one: member_name(view, sort, one), key=f"own_{sort}", width=250
            )  # fmt: skip
            scope = {"method_association" if sort == "association" else sort: str(value)}
        period = period_box(basis, ("Q", "H", "Y"), year, view.chosen.period, "own_period")
        language = language_box("own_language")
    return Purpose(year, period, scope), language


def _faults(looked: Looked) -> None:
    if not looked.faults:
        return
    lines = [
        f"- {wording.plain(fault.place)}: **{wording.plain(fault.text)}** – {wording.plain(fault.why)}."
        + (f" {_('Nearest: {near}.', near=f'**{wording.plain(fault.near)}**')}" if fault.near else "")
        for fault in looked.faults
    ]
    st.error(f"▼ {_('Placeholders to mend: {n}. Until then the file is not filled.', n=len(looked.faults))}\n" + "\n".join(lines))


def _values(looked: Looked) -> None:
    if not looked.met:
        if not looked.faults:
            st.info(_("There is no placeholder in this file."))
        return
    columns = {
        _("Placeholder"): [met.text for met in looked.met],
        _("Value now"): [met.value.text for met in looked.met],
        _("Mind"): [met.value.note for met in looked.met],
        _("Where it stands"): ["; ".join(met.places) for met in looked.met],
    }
    st.dataframe(to_read(columns), hide_index=True, alt=_("Placeholders and their values"))
    if absent := len(looked.absent):
        st.caption(f"○ {_('Without a value now: {n}. A word stands there, never 0.', n=absent)}")


def _set(view: View, basis: Basis, words: PlaceholderWords, template: Template, purpose: Purpose, language: str) -> None:
    classes = len(basis.classes(purpose.school_year))
    key = (
        "own",
        data.key(view.snapshot),
        basis.eyes.key,
        template.name,
        str(hash(tuple(template.parts.values()))),
        purpose.period,
        language,
    )
    with st.container(border=True, width=WIDTH):
        st.markdown(f"{_('For every class, as one archive')}: **{classes}**")

        def make(progress: Callable[[int, int, str], None], stopped: Callable[[], bool]) -> bytes | None:
            i18n.use(language)
            return archive_of_classes(basis, load_phrases(), words, template, purpose, progress, stopped)

        one_archive(key, f"{purpose.file(template.name)}.zip", make, "own")
