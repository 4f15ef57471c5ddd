"""What we hold: the archive and the words for what is in it."""

from storage.announcing import Told
from storage.archive import Archive
from storage.deriving import Latest, Standing
from storage.errors import ArchiveBusyError, ArchiveError, ArchiveTooNewError, NotInArchiveError
from storage.lock import FileLock
from storage.recording import Listed, Validators

__all__ = [
    "Archive",
    "ArchiveBusyError",
    "ArchiveError",
    "ArchiveTooNewError",
    "FileLock",
    "Latest",
    "Listed",
    "NotInArchiveError",
    "Standing",
    "Told",
    "Validators",
]
