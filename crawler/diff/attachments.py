"""Two rows of attachments -> what was added, removed, changed and moved.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from crawler.diff.alignment import aligned
from crawler.diff.model import AttachmentChange, Op
from storage.model import Attachment


def attachments(old: Sequence[Attachment], new: Sequence[Attachment]) -> tuple[AttachmentChange, ...]:
    left, came = set(range(len(old))), set(range(len(new)))
    for i, j in aligned(old, new, lambda _: 1):
        left.discard(i)
        came.discard(j)
    changes = []
    signs: tuple[Callable[[Attachment], str | None], ...] = (_url, _sha256, _name)
    for sign in signs:
        waiting: defaultdict[str | None, list[int]] = defaultdict(list)
        for j in sorted(came):
            waiting[sign(new[j])].append(j)
        for i in sorted(left):
            if sign(old[i]) and waiting[sign(old[i])]:
                j = waiting[sign(old[i])].pop(0)
                same = old[i] == new[j] or (old[i].sha256 == new[j].sha256 is not None and sign is _sha256)
                op = Op.MOVED if same else Op.CHANGED
                changes.append(AttachmentChange(op=op, old_index=i, new_index=j, old=old[i], new=new[j]))
                left.discard(i)
                came.discard(j)
    changes.extend(
        AttachmentChange(op=Op.REMOVED, old_index=i, new_index=None, old=old[i], new=None) for i in sorted(left)
    )
    changes.extend(
        AttachmentChange(op=Op.ADDED, old_index=None, new_index=j, old=None, new=new[j]) for j in sorted(came)
    )
    return tuple(changes)


def _url(attachment: Attachment) -> str:
    return attachment.url


def _sha256(attachment: Attachment) -> str | None:
    return attachment.sha256


def _name(attachment: Attachment) -> str:
    return attachment.name
