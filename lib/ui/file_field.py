"""Streamlit's field for a file speaks English only; these are our words for it."""

from __future__ import annotations

import json

import streamlit as st

from lib.i18n import gettext as _


def in_our_words() -> None:
    """Put our words in place of Streamlit's, for all fields for files of the page."""
    button = json.dumps(_("Choose a file"), ensure_ascii=False)
    zone = "[data-testid='stFileUploaderDropzone'] [data-testid='stBaseButton-secondary']"
    # the button keeps its own words, at no size: without any it would have no name for who hears the page
    st.html(
        f"<style>[data-testid='stFileUploaderDropzoneInstructions'] {{ display: none; }} {zone} p {{ font-size: 0; }}"
        f"{zone} p::after {{ content: {button}; font-size: 1rem; }}</style>"
    )
