"""What can go wrong, in words that say what, where and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


class ConflictMapError(Exception):
    """Something we cannot use or may not do; its text is fit for the screen."""


class SettingsError(ConflictMapError):
    """A setting of this installation cannot be used."""


class IncidentFileError(ConflictMapError):
    """A table of incidents or of another noun cannot be used."""


class LayerError(ConflictMapError):
    """A boundary layer cannot be used."""


class StoreError(ConflictMapError):
    """The store cannot be opened, read or written."""


class AccessError(ConflictMapError):
    """The viewer may not do this."""


class QueryError(ConflictMapError):
    """A filter, a link or an option names something that does not exist."""


class NothingToPublishError(QueryError):
    """Publishing would change nothing."""


@dataclass(frozen=True)
class Problem:
    """One thing to mend in a file."""

    file: str
    row: int  # as a spreadsheet shows it: the header is row 1
    column: str
    value: str
    what: str
    mend: str

    def __str__(self) -> str:
        """Return the sentence: what, where, and how to mend it."""
        return f"{self.file}, row {self.row}, {self.column}: {self.what} {self.mend}"
