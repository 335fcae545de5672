"""The completion board: who owes which sheet of which class by when, and reminders made from it (regulation 2.5, 4.1)."""

from lib.ui import blocks, page

view = page.open()

board = blocks.board_choice(view)
blocks.board_grid(view, board)
blocks.board_rows(view, board)
blocks.reminder(view, board)
blocks.reminder_round(view, board)
