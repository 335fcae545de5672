"""Makes the school's workbooks in Google Drive, and adds to them what pupils, classes and teachers have changed since.

`provision` brings a folder up to the plans of lib.templates; it creates, fills, protects and shares, can be run again at any time,
and never writes into a filled cell.
"""

from __future__ import annotations

from lib.provisioning.provision import CREATED, EXTENDED, FAILED, FINISHED, THERE, Outcome, Report, Sharing, own_folder, provision

__all__ = ["CREATED", "EXTENDED", "FAILED", "FINISHED", "THERE", "Outcome", "Report", "Sharing", "own_folder", "provision"]
