"""What kind of change an edit is: of a number, an amount, a date, a body, a modal verb, or of wording only.

Pure.  An edit is a run of words that was replaced, added or removed.  It says nothing alone: in ``500 -> 800`` the
amount is ``500元``, which stands half outside of the run.  So what the old text and the new one *mention* at the
place of the edit is compared: mentions that only one side has are what changed.

>>> text, other = "补贴每月500元，应当于3月底前发放。", "补贴每月800元，可以于3月底前发放。"
>>> [(s.kind.value, s.old, s.new) for s in shifts(text, other, [(4, 7, 4, 7), (9, 11, 9, 11)])]
[('amount', '500元', '800元'), ('modal', '应当', '可以')]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from crawler.clauses import mark_of
from crawler.mentions import REACH, SENTENCE_REACH, WORD_BEGINS, Kind, Mention, Mentions, effects, quantities
from crawler.typography import looks

__all__ = ["Edit", "Kind", "Shift", "of_whole", "shifts", "shifts_of"]

# Where an edit lies in the old and in the new text: from, to, from, to.
Edit = tuple[int, int, int, int]


# Alone, these words turn a sentence into its opposite.
_NEGATION = re.compile(r"[不未非无勿没](?:有)?|\b(?:not|no|never|nor|without|unless)\b|n['’]t\b", re.IGNORECASE)

_BODY_END = (
    r"委员会|办公室|办公厅|管理局|监督局|税务局|人民政府|政府|机关|部门|机构|公司|单位|法院|检察院|银行|协会|学会|联合会"
    r"|学校|大学|学院|医院|企业|组织|小组|街道办|居委会|村委会|工会|中心|研究院|研究所|事务所|管委会|国资委|发改委"
    r"|平台|社区|乡镇|总局|总署|分局|支队|大队|省|市|县|区|州|镇|村|部|委|局|厅|署|办|院|司|处|科|站|所"
)
_PARTY_END = (
    r"申请人|当事人|负责人|纳税人|法定代表人|经营者|消费者|生产者|投资者|参保人员?|用人单位|个体工商户|自然人|法人|个人"
    r"|居民|村民|公民|职工|员工|劳动者|学生|教师|家庭|农户|人员|群众|[^\W\d_](?:人|者|户|员|商|方)"
)
_CALLED = re.compile(rf"(?:{_BODY_END}|{_PARTY_END})$")
# What may stand between an edit and the end of the name that it is in; none of these begins a predicate.
_NAME_REST = re.compile(
    rf"[\u4e00-\u9fff]{{0,6}}?(?:{_BODY_END}|户|员|商|方|主体)"
    r"(?=[\W、和及与或的等负应可须要在对向按依会将组审受制]|$)"
    r"|[\u4e00-\u9fff]{0,4}?(?:局(?![面部限势])|厅(?!堂)|委员会|政府|部门|单位)|[人者](?![民口才员均次数类工力])"
)
_PREDICATE = re.compile(r"[的由向在和及与并应可须将对给报送经至为是把按依据后前其被有可于]")
_NAME_HEAD = re.compile(r"(?:^|政府|机关|以上|以下|[\W由向经报送各和及与对为按将的是到从])[\u4e00-\u9fff]{0,6}$")
_EN_BODY = re.compile(
    rf"{WORD_BEGINS}(?:"
    r"(?:(?:[A-Z][\w’'\-]+|of|the|for|and|&)\s+){0,6}"
    r"(?:Ministry|Department|Agency|Authority|Commission|Office|Council|Board|Bureau|Court|Committee|Secretary|Minister"
    r"|Director|Commissioner|Administrator|Administration|Registrar|Inspectorate|Institute|Treasury|Tribunal|Service"
    r"|Corporation|Bank|Service|Unit|Division|Team|Centre|Center|University|Inspector|Ombudsman|Regulator|Governor"
    r"|President|Parliament|Congress|Cabinet|Government)\b"
    r"(?:\s+(?:of|for)\s+(?:the\s+)?[A-Z]\w+(?:,?\s+(?:and\s+)?[A-Z]\w+)*)?"
    r"|\b(?i:(?:local|central|national|state|county|city|regional|provincial|competent|municipal|district|federal)\s+"
    r"(?:authorit(?:y|ies)|councils?|governments?|courts?|offices?|agenc(?:y|ies)|boards?))\b"
    r"|\b(?i:applicants?|employers?|employees?|licensees?|providers?|operators?|owners?|tenants?|landlords?|taxpayers?"
    r"|holders?|residents?|citizens?|importers?|exporters?|manufacturers?|suppliers?|contractors?|students?|parents?"
    r"|workers?|patients?|households?|companies|businesses|individuals|members?|directors?|inspectors?|ministers?"
    r"|councils?|agenc(?:y|ies)|regulators?|persons?|landowners?|retailers?|consumers?|customers?|farmers?|drivers?)\b)"
)
_ADDRESSED = re.compile(r"^.{2,200}[：:]\s*$", re.DOTALL)

_STOP = re.compile(r"[。；;！!\n]|\.(?=\s|$)")

_TIES = re.compile(
    r"[于在自至从到起止约共达为]|\b(?:on|by|in|at|of|the|an?|to|from|until|till|before|after|about|up)\b", re.IGNORECASE
)

_ALONE_CHARS = 6
_EN_ALONE_CHARS = 20
# A run no longer than this that says whether a text is in force says nothing else.
_EFFECT_CHARS = 20
_NAME_CHARS = 16
# Of a paragraph that was added or removed so many mentions are told.
_TOLD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One thing that is said otherwise; None on the side that does not say it.

    DATE: days, times and lengths of time.  NUMBERING: the number of a clause, its own or one referred to.
    TYPOGRAPHY: blanks, width of characters, form of quotation marks.
    old_clause, new_clause: labels of the clauses in which it stands; empty where the text has none.
    """

    kind: Kind
    old: str | None
    new: str | None
    old_clause: str = ""
    new_clause: str = ""


def shifts(old: str, new: str, edits: Iterable[Edit]) -> tuple[Shift, ...]:
    """Return what is said otherwise in two texts that differ by some edits.

    Pure.

    edits: rising on both sides; between them the texts are equal.
    """
    return tuple(dict.fromkeys(shift for found in shifts_of(old, new, edits) for shift in found))


def shifts_of(old: str, new: str, edits: Iterable[Edit]) -> list[tuple[Shift, ...]]:
    """Return what each of some edits says otherwise.

    Pure.

    edits: rising on both sides; between them the texts are equal.
    """
    places = list(edits)
    before = Mentions(old, [(a, b) for a, b, _, _ in places])
    after = Mentions(new, [(c, d) for _, _, c, d in places])
    return [tuple(_of_edit(before, a, b, after, c, d)) for a, b, c, d in places]


def of_whole(text: str, *, added: bool) -> tuple[Shift, ...]:
    """Return what a paragraph says that has no counterpart: its numbers, dates and effect; else its wording.  Pure."""
    mark = mark_of(text)
    low = mark.end if mark else 0
    found = [one for one in quantities(text, low, len(text)) if one.kind is not Kind.NUMBERING]
    shown = [(one.kind, one.text) for one in (*effects(text, 0, len(text)), *found)[:_TOLD]] or [(Kind.WORDING, text)]
    return tuple(
        dict.fromkeys(Shift(kind=kind, old=None if added else one, new=one if added else None) for kind, one in shown)
    )


def _of_edit(one: Mentions, a: int, b: int, other: Mentions, c: int, d: int) -> Iterator[Shift]:
    old, new = one.text, other.text
    lost, got = old[a:b], new[c:d]
    if looks(lost) == looks(got):
        yield Shift(kind=Kind.TYPOGRAPHY, old=lost or None, new=got or None)
        return
    if (not lost or not got) and _is_sentence(lost or got):
        yield from of_whole((lost or got).strip(), added=not lost)
        return
    before, after = _mentions(one, a, b), _mentions(other, c, d)
    left, came = _unlike(before, after) if before or after else ([], [])
    kinds = list(dict.fromkeys(said.kind for said in (*left, *came)))
    effective = _in_effect(one, a, b, left) or _in_effect(other, c, d, came)
    if effective:
        yield Shift(kind=Kind.EFFECTIVITY, old=lost or None, new=got or None)
    for kind in kinds:
        pairs = zip_longest(
            (said.text for said in left if said.kind is kind), (said.text for said in came if said.kind is kind)
        )
        for gone, come in pairs:
            yield Shift(kind=kind, old=gone, new=come)
    rest = _words_of(_outside(lost, a, before)), _words_of(_outside(got, c, after))
    named = _bodies(old, *_trimmed(a, b, before), new, *_trimmed(c, d, after)) if rest[0] != rest[1] else None
    if named:
        yield Shift(kind=Kind.BODY, old=named[0], new=named[1])
    elif (not kinds or rest[0] != rest[1]) and not (effective and max(len(lost), len(got)) <= _EFFECT_CHARS):
        yield Shift(kind=Kind.WORDING, old=lost or None, new=got or None)


def _is_sentence(text: str) -> bool:
    whole = text.strip()
    return len(whole) > _ALONE_CHARS and bool(re.search(r"[。；;！!.]$", whole))


def _mentions(mentions: Mentions, start: int, end: int) -> list[Mention]:
    """Return what a text says within, or across the ends of, a stretch of it."""
    found, run = mentions.touching(start, end), mentions.text[start:end]
    if len(looks(run)) <= (_EN_ALONE_CHARS if run.isascii() else _ALONE_CHARS):
        for match in _NEGATION.finditer(mentions.text, start, end):
            if not any(one.start <= match.start() < one.end for one in found):
                found.append(Mention(kind=Kind.MODAL, start=match.start(), end=match.end(), text=match[0]))
    return found


def _unlike(before: list[Mention], after: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """Return what only one side mentions."""
    gone, come = ([(one.kind, looks(one.text)) for one in side] for side in (before, after))
    common = Counter(gone) & Counter(come)
    return _without(before, gone, common), _without(after, come, common)


def _without(mentions: list[Mention], keys: list[tuple[Kind, str]], common: Counter[tuple[Kind, str]]) -> list[Mention]:
    spare = Counter(common)
    left = []
    for one, key in zip(mentions, keys, strict=True):
        if spare[key]:
            spare[key] -= 1
        else:
            left.append(one)
    return left


def _outside(run: str, at: int, mentions: list[Mention]) -> str:
    """Return a run without what it mentions."""
    kept = list(run)
    for one in mentions:
        for place in range(max(0, one.start - at), min(len(run), one.end - at)):
            kept[place] = ""
    return "".join(kept)


def _trimmed(start: int, end: int, mentions: list[Mention]) -> tuple[int, int]:
    """Return a stretch without the mentions at its ends."""
    for one in mentions:
        if one.start <= start < one.end <= end:
            start = one.end
        elif start <= one.start < end <= one.end:
            end = one.start
    return start, end


def _words_of(text: str) -> str:
    """Return the words of what is left of an edit, but for those that only tie a number or a day to its sentence."""
    return "".join(re.findall(r"[^\W_]+", looks(_TIES.sub("", text))))


def _in_effect(mentions: Mentions, start: int, end: int, found: list[Mention]) -> bool:
    """Tell whether a stretch says since when, or whether, a text is in force."""
    text = mentions.text
    dated = any(one.kind is Kind.DATE for one in found)
    reach = SENTENCE_REACH if dated else REACH
    low, high = max(0, start - reach), min(len(text), end + reach)
    near = mentions.effects(low, high)
    if not near:
        return False
    stops = [match.end() for match in _STOP.finditer(text, low, start)]
    begin = stops[-1] if stops else low
    stop = _STOP.search(text, end, high)
    finish = stop.start() if stop else high
    return any(
        begin <= one.start and one.end <= finish and (dated or (one.start <= end and one.end >= start)) for one in near
    )


def _bodies(old: str, a: int, b: int, new: str, c: int, d: int) -> tuple[str | None, str | None] | None:
    """Return the bodies or persons that an edit names otherwise."""
    one, other = _body(old, a, b), _body(new, c, d)
    if a == b and other:
        return None, other
    if c == d and one:
        return one, None
    return (one, other) if one and other and looks(one) != looks(other) else None


def _body(text: str, start: int, end: int) -> str | None:
    run = text[start:end].strip(" 、，,和及与")
    if len(run) > 3 * _NAME_CHARS:
        return None
    low, high = max(0, start - REACH), min(len(text), end + REACH)
    for match in _EN_BODY.finditer(text, low, high):
        if match.start() <= end and match.end() >= start:
            return match[0]
    if (
        start < end
        and text.rstrip().endswith(("：", ":"))
        and _ADDRESSED.match(text)
        and _CALLED.search(text.rstrip("：: "))
    ):
        return text.rstrip("：: ")
    if not run or len(run) > _NAME_CHARS or not re.fullmatch(r"[\u4e00-\u9fff、（）()]+", run):
        return None
    rest = _NAME_REST.match(text, end)
    if rest and not _PREDICATE.search(rest[0]) and _NAME_HEAD.search(text[max(0, start - 8) : start]):
        return run + rest[0]
    return run if _CALLED.search(run) and not _PREDICATE.search(run[:-1]) else None
