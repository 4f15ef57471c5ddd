"""What we or the operator can do wrong with an archive.

ArchiveError
├─ NotInArchiveError (LookupError)
├─ ArchiveBusyError
├─ ArchiveLostError
└─ ArchiveTooNewError
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of what the archive refuses; its message is one line for the operator."""


class NotInArchiveError(ArchiveError, LookupError):
    """The archive does not hold what was asked for."""


class ArchiveBusyError(ArchiveError):
    """Another process holds what this one needs."""


class ArchiveTooNewError(ArchiveError):
    """A newer program made this archive."""


class ArchiveLostError(ArchiveError):
    """The server of an archive cannot be reached now, or went away."""
