"""Backup: every table of a store in one file, and back, whichever engine holds it.

`lines` says how a row is written, `snapshot` reads one state of a store, `archive` is the file,
`making` writes and keeps backups, `restoring` fills an empty store from one.
"""

from conflictmap.backup.archive import Manifest, check_backup
from conflictmap.backup.making import BackupMade, LastBackup, last_backup, make_backup
from conflictmap.backup.restoring import is_empty, restore_backup
from conflictmap.backup.snapshot import is_made, made_version, open_made_store, store_hash

__all__ = [
    "BackupMade",
    "LastBackup",
    "Manifest",
    "check_backup",
    "is_empty",
    "is_made",
    "last_backup",
    "made_version",
    "make_backup",
    "open_made_store",
    "restore_backup",
    "store_hash",
]
