"""A local server that speaks the parts of Google Sheets v4 and Drive v3 that Sapat uses, to run the real gspread against.

In a test: `with SheetsServer() as server: …`; as a process: `python -m tests.sheets_server --port P`.
"""

from .calls import Call
from .server import SheetsServer

__all__ = ["Call", "SheetsServer"]
