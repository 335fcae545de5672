"""Everything that draws: the only package of lib that knows Streamlit."""

from lib import wording as wording  # how figures are said, for pages as for documents
