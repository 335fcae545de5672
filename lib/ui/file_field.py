"""Streamlit's field for a file speaks English only; these are our words for it."""

from __future__ import annotations

import json

import streamlit as st

from lib.i18n import gettext as _


def in_our_words() -> None:
    """Put our words in place of Streamlit's, for all fields for files of the page."""
    button = json.dumps(_("Choose a file"), ensure_ascii=False)
    zone = "[data-testid='stFileUploaderDropzone'] [data-testid='stBaseButton-secondary']"
    st.html(
        f"<style>[data-testid='stFileUploaderDropzoneInstructions'], {zone} p {{ display: none; }}"
        f"{zone}::after {{ content: {button}; }}</style>"
    )
