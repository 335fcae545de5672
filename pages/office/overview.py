"""The passport of the nine directions on one page, under what needs attention (regulation 2.18)."""

import streamlit as st

from lib.i18n import gettext as _
from lib.ui import blocks, page

view = page.open()

blocks.attention(view)

st.subheader(_("The nine directions"), anchor=False)
blocks.passport(view)

blocks.cyclogram_week(view)
blocks.completion_brief(view)
