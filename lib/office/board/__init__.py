"""The completion board: who owes which form of which class, subject and period, and how far it is (regulation 2.5, 4.1–4.5)."""

from lib.office.board.cells import Mending, cells_to_mend
from lib.office.board.pile import Pile, piles
from lib.office.board.rows import BoardRow, BoardState, board
from lib.office.board.tabs import Tabs

__all__ = ["BoardRow", "BoardState", "Mending", "Pile", "Tabs", "board", "cells_to_mend", "piles"]
