"""The guides for teachers and for the administration."""

import streamlit as st

from lib.i18n import gettext as _
from lib.ui import blocks, page

page.allow()

for_teachers, for_administration = st.tabs([_("For teachers"), _("For the administration")])
with for_teachers:
    blocks.guide("teacher")
with for_administration:
    blocks.guide("administration")
