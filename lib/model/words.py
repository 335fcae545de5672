"""Domain words as a school would print them: Kyrgyz first, Russian and English beside it."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("ky", "ru", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in the three languages. Kyrgyz is required; the others fall back to it."""

    ky: str
    ru: str = ""
    en: str = ""

    def of(self, language: str) -> str:
        """The text in `language` ("ky", "ru" or "en"), in Kyrgyz where that is missing."""
        return getattr(self, language, "") or self.ky
