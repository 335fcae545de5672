"""The page's opener, as tests of pages have it."""

from tests.pages.conftest import opened

__all__ = ["opened"]
