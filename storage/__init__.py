"""What we hold: the archive and the words for what is in it."""

from storage.announcing import Told
from storage.archive import Archive
from storage.deriving import Latest, Standing
from storage.errors import ArchiveBusyError, ArchiveError, ArchiveLostError, ArchiveTooNewError, NotInArchiveError
from storage.home import Home, Server, home
from storage.lock import Lock, lock_at
from storage.recording import Listed, Validators

__all__ = [
    "Archive",
    "ArchiveBusyError",
    "ArchiveError",
    "ArchiveLostError",
    "ArchiveTooNewError",
    "Home",
    "Latest",
    "Listed",
    "Lock",
    "NotInArchiveError",
    "Server",
    "Standing",
    "Told",
    "Validators",
    "home",
    "lock_at",
]
