"""The guides of docs/, as the help page shows them."""

from __future__ import annotations

import streamlit as st

from lib import i18n
from lib.i18n import gettext as _
from lib.settings import ROOT


def guide(name: str) -> None:
    """docs/guide-<name>.<language>.md; in English, or where the language's file is missing, the short English one."""
    for language in (i18n.language(), "en", "ky"):
        file = ROOT / "docs" / f"guide-{name}.{language}.md"
        if file.exists():
            st.markdown(file.read_text(encoding="utf-8"))
            return
    st.caption(_("This guide has not been written yet"))
