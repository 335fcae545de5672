"""Who may see what: people from the staff sheet, rights from config/access.yaml, and a log without pupils' data.

Nothing here draws or knows Streamlit. What a viewer may not see is dropped by lib.ui.data, after its caches and before any block.
"""

from lib.access.rights import Rights, load
from lib.access.roles import Grain, Person, Place, Reach, Role, Scope, Tab, Viewer
from lib.access.sight import EVERYTHING, NOTHING, Sight
from lib.access.staff import Staff, read_staff

__all__ = [
    "EVERYTHING", "NOTHING", "Grain", "Person", "Place", "Reach", "Rights", "Role", "Scope", "Sight", "Staff", "Tab", "Viewer", "load",
    "read_staff",
]  # fmt: skip
