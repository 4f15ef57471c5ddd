"""Which records of a set are reposts of others: ``--in X.jsonl --out Y.jsonl``; or our own sets, made and scored.

Each line of Y is the line of X with ``duplicate_of``: the id of the record that stands for it, or null.
``--seeds 1 2 3`` makes a set for each seed and prints precision and recall of pairs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from crawler.corpus.candidates import Signatures
from crawler.corpus.duplicates import Text
from crawler.corpus.groups import clusters
from crawler.corpus.originals import Copy, original


def marked(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the records, each with the id of the one it repeats."""
    signatures = Signatures()
    for record in records:
        signatures.add(str(record.get("text") or ""))

    def text(place: int) -> Text:
        record = records[place]
        return Text(
            key=place,
            owner=place,
            title=str(record.get("title") or ""),
            body=str(record.get("text") or ""),
            document_number=record.get("document_number"),
        )

    stands_for: dict[int, int] = {}
    for places in clusters(signatures, range(len(records)), text):
        first = original([copy_of(records[place], place) for place in places])
        stands_for.update({place: first.key for place in places if place != first.key})
    return [
        {
            **record,
            "duplicate_of": records[stands_for[place]].get("id", stands_for[place]) if place in stands_for else None,
        }
        for place, record in enumerate(records)
    ]


def copy_of(record: dict[str, Any], place: int) -> Copy:
    """Return what the choice of an original looks at."""
    return Copy(
        key=place,
        document_number=record.get("document_number"),
        issuing_agency=record.get("issuing_agency"),
        origin=record.get("origin"),
        publisher=record.get("publisher"),
        published_on=record.get("published_on"),
        first_seen_at=str(record.get("first_seen_at") or ""),
    )


# Our own sets


PLACES = ("澜江省", "青岭市", "云溪县", "北屏区", "东泽州", "河口镇", "石桥市", "松原省", "临湖县", "望海市")
TOPICS = (
    "乡村图书室",
    "社区食堂",
    "公共饮水点",
    "残疾人驾车",
    "职业技能培训",
    "老旧电梯更新",
    "农村公路养护",
    "托育服务",
)
BODIES = ("公共服务厅", "交通运输局", "教育厅", "民政局", "财政厅", "住房和城乡建设局")
CLAUSES = (
    "各{body}要对{topic}工作开展全面排查，建立台账，逐项销号",
    "{topic}补助资金按照每处{n}万元的标准安排，由县级财政统筹落实",
    "自{y}年{m}月{d}日起，新建{topic}项目一律执行本办法规定的标准",
    "对连续{k}个月未开展服务的单位，取消其{topic}补助资格",
    "{place}已有{n}个乡镇完成{topic}建设任务，覆盖群众{k}万人",
    "申请人应当提交身份证明、场地证明和近{k}个月的运行记录",
    "主管部门应当在收到申请之日起{k}个工作日内作出决定，并书面告知理由",
    "鼓励社会力量通过捐赠、认领、志愿服务等方式参与{topic}运行维护",
    "严禁以任何名义向服务对象收取费用，违者依法依规严肃处理",
    "{topic}的日常开放时间每周不得少于{k}小时，节假日照常开放",
    "各地要把{topic}纳入年度考核，考核结果与下一年度资金安排挂钩",
    "项目完成后由{place}{body}组织验收，验收不合格的限期整改",
    "建立{topic}信息公示制度，公示期不少于{k}天，接受群众监督",
    "专项资金实行专账核算，任何单位和个人不得截留、挤占、挪用",
    "培训合格人员名单由{body}统一编号登记，编号自{n}起顺序排列",
)
EN_PLACES = ("Northvale", "Eastmere", "Westhollow", "Stonebridge", "Lakeford", "Redmoor", "Ashby", "Kingsport")
EN_TOPICS = (
    "rural bus services",
    "school meals",
    "flood barriers",
    "home insulation",
    "youth training",
    "water meters",
)
EN_CLAUSES = (
    "The {place} authority will spend {n} million on {topic} over the next {k} years",
    "Applications for {topic} must be lodged before {d} March {y} with full supporting evidence",
    "Operators that fail {k} inspections in a row will lose their licence for {topic}",
    "Grants cover up to {k} per cent of the cost of {topic} in each parish",
    "Officials said the plan for {topic} followed a consultation with {n} residents",
    "The rules on {topic} apply to every provider regardless of size or ownership",
    "A register of approved providers will be published and kept up to date by the department",
    "Complaints about {topic} should be answered in writing within {k} working days",
    "The scheme for {topic} will be reviewed after {k} months by an independent panel",
    "Local councils in {place} are asked to name a contact for {topic} by the end of the month",
    "Nobody may charge residents a fee for services that the grant already pays for",
    "Ministers expect that {n} households will benefit from {topic} in the first year",
)


class Maker:
    """Makes one set from a seed: originals, their reposts, and texts that only look like them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.records: list[dict[str, Any]] = []
        self.groups: list[int] = []

    def add(self, title: str, text: str, group: int, **more: Any) -> None:
        """Put a record into the set; equal groups are one release."""
        number = len(self.records)
        self.records.append({"id": f"r{number}", "title": title, "text": text, **more})
        self.groups.append(group)

    def notice(self, language: str) -> tuple[str, list[str], str, dict[str, Any]]:
        """Return title, paragraphs, place and filled-in values of a new text."""
        r = self.random
        places, topics, frames = (PLACES, TOPICS, CLAUSES) if language == "zh" else (EN_PLACES, EN_TOPICS, EN_CLAUSES)
        place, topic = r.choice(places), r.choice(topics)
        stop = "。" if language == "zh" else ". "
        said = [
            frame.format(
                topic=topic, place=place, body=r.choice(BODIES), n=r.randint(3, 900), k=r.randint(2, 90),
                y=r.randint(2015, 2026), m=r.randint(1, 12), d=r.randint(1, 28),
            )
            for frame in r.sample(frames, r.randint(7, len(frames)))
        ]  # fmt: skip
        paragraphs = []
        while said:
            cut = r.randint(1, 3)
            paragraphs.append(stop.join(said[:cut]).strip() + stop.strip())
            said = said[cut:]
        year = r.randint(2015, 2026)
        if language == "zh":
            body = r.choice(BODIES)
            title = f"{place}{body}关于做好{year}年{topic}工作的通知"
        else:
            title = f"{place} sets out new rules on {topic} for {year}"
        return title, paragraphs, place, {"year": year}

    def whole(self, language: str, title: str, paragraphs: list[str]) -> str:
        """Return a text as its first publisher has it."""
        r = self.random
        head, tail = [], []
        if language == "zh":
            if r.random() < 0.5:
                head.append(f"澜公服发〔{r.randint(2015, 2026)}〕{r.randint(1, 300)}号")
            if r.random() < 0.6:
                head.append("各市、县人民政府，省直各有关单位：")
            tail.append(f"{r.choice(PLACES)}{r.choice(BODIES)}")
            tail.append(f"{r.randint(2015, 2026)}年{r.randint(1, 12)}月{r.randint(1, 28)}日")
        elif r.random() < 0.5:
            tail.append("Notes to editors: the full guidance is on the department's website.")
        return "\n".join([*([title] if r.random() < 0.3 else []), *head, *paragraphs, *tail])

    def repost(self, language: str, title: str, text: str) -> tuple[str, str]:
        """Return a text as another site has it."""
        r = self.random
        lines = text.split("\n")
        if language == "zh":
            heads: tuple[str, ...] = (
                "来源：{p}人民政府网 发布时间：2025-{m:02}-{d:02}",
                "本报讯（记者 李晓）近日，有关部门印发通知，全文如下。",
                "{p}新闻网{m}月{d}日电 记者从有关部门获悉，相关文件已于近日下发。", "【字号 大 中 小】 打印本页",
                "编者按：为方便读者了解政策，本网全文转载如下。",
            )  # fmt: skip
            tails: tuple[str, ...] = (
                "（责任编辑：王某）", "原标题：{t}", "声明：本网转载此文出于传递更多信息之目的，版权归原作者所有。",
                "扫一扫在手机打开当前页", "上一篇：关于召开座谈会的预告", "了解更多政策，请关注本网微信公众号。",
            )  # fmt: skip
        else:
            heads = (
                "By Staff Reporter, {p} Gazette", "Published {d} June 2025 | Updated 09:{d:02}",
                "Our correspondent reports from {p} on the latest announcement.", "Share this article Print Email",
            )  # fmt: skip
            tails = (
                "Originally published by the department. All rights reserved.", "Related: council meets next week",
                "Sign up for our newsletter to get more stories like this.", "Editing by A. Smith",
            )  # fmt: skip
        fill = {
            "p": r.choice(PLACES if language == "zh" else EN_PLACES),
            "m": r.randint(1, 12),
            "d": r.randint(10, 28),
            "t": title,
        }
        if r.random() < 0.4:
            lines = [line for line in lines if not line.startswith("各市、县")]
        if r.random() < 0.3 and language == "zh":
            lines = lines[:-2]
        if r.random() < 0.3:
            lines = [line.replace("，", ",").replace("：", ":") for line in lines]
        if r.random() < 0.3:
            joined = "" if language == "zh" else " "
            lines = [*lines[:1], joined.join(lines[1:3]), *lines[3:]]
        before = [head.format(**fill) for head in r.sample(heads, r.randint(1, 2))]
        after = [tail.format(**fill) for tail in r.sample(tails, r.randint(1, 3))]
        retitled = r.choice(
            [title, title, f"（转载）{title}", f"{title}_政策文件"]
            if language == "zh"
            else [title, title, f"{title} - {fill['p']} Gazette"]
        )
        if r.random() < 0.15:
            retitled = "一图读懂新政策" if language == "zh" else "What the new rules mean for you"
        return retitled, "\n".join([*before, *lines, *after])

    def lookalike(self, language: str, title: str, text: str) -> tuple[str, str]:
        """Return a text that is another one: other number, year or place, or a part in a story of its own."""
        r = self.random
        kind = r.choice(("number", "year", "place", "quote"))
        places = PLACES if language == "zh" else EN_PLACES
        if kind == "quote":
            lines = [line for line in text.split("\n") if len(line) > 15]
            taken = lines[: max(1, int(len(lines) * r.uniform(0.2, 0.55)))]
            other_title, own, _, _ = self.notice(language)
            return other_title, "\n".join([own[0], *taken, *own[1:]])
        starts = [text.rfind("\n", 0, n) + 1 for n in range(len(text))]
        digits = [
            n
            for n in range(len(text))
            if text[n].isdigit() and not text[n - 1 : n].isdigit() and len(text[starts[n] :].split("\n")[0]) > 25
        ]
        if kind == "number" and digits:
            at = r.choice(digits)
            new = str((int(text[at]) % 9) + 1)
            return title, text[:at] + new + text[at + 1 :]
        if kind == "place":
            old = next((p for p in places if p in text + title), places[0])
            new = r.choice([p for p in places if p != old])
            return title.replace(old, new), text.replace(old, new)
        year = next((str(y) for y in range(2015, 2027) if str(y) in title), None)
        if year is not None:
            new = str(int(year) + r.choice((-1, 1, 2)))
            return title.replace(year, new), text.replace(year, new)
        return self.lookalike(language, title, text)

    def make(self, documents: int, reposts: int, lookalikes: int) -> None:
        """Make a set of so many records in all."""
        for number in range(documents - reposts - lookalikes):
            language = "zh" if self.random.random() < 0.6 else "en"
            title, paragraphs, _, _ = self.notice(language)
            self.add(title, self.whole(language, title, paragraphs), number, language=language)
        originals = list(self.records)
        chosen = self.random.sample(range(len(originals)), min(len(originals), reposts))
        for place in chosen:
            record = originals[place]
            title, text = self.repost(record["language"], record["title"], record["text"])
            self.add(title, text, place, language=record["language"])
        made: dict[tuple[str, str], int] = {}
        for n in range(lookalikes):
            record = self.random.choice(originals)
            title, text = self.lookalike(record["language"], record["title"], record["text"])
            group = made.setdefault((title, text), documents + n)
            # What changed nothing (a year that is not there) would be a repost.
            if (title, text) == (record["title"], record["text"]):
                text += "\n" + self.notice(record["language"])[1][0]
            self.add(title, text, group, language=record["language"])


def score(records: list[dict[str, Any]], groups: list[int]) -> tuple[float, float, list[tuple[str, str, str]]]:
    """Return precision and recall of pairs, and the wrong ones."""
    heads = {str(r["id"]): str(r["duplicate_of"] or r["id"]) for r in records}
    told = {(a, b) for a in heads for b in heads if a < b and heads[a] == heads[b]}
    by_id = {str(r["id"]): group for r, group in zip(records, groups, strict=True)}
    true = {(a, b) for a in heads for b in heads if a < b and by_id[a] == by_id[b]}
    wrong = [("false", a, b) for a, b in sorted(told - true)] + [("missed", a, b) for a, b in sorted(true - told)]
    hits = len(told & true)
    return hits / len(told) if told else 1.0, hits / len(true) if true else 1.0, wrong


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="given", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--show", action="store_true", help="print what was wrong")
    args = parser.parse_args()
    if args.given and args.out:
        lines = [json.loads(text) for text in args.given.read_text("utf-8").split("\n") if text.strip()]
        with args.out.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in marked(lines))
        return 0
    for seed in args.seeds:
        maker = Maker(seed)
        maker.make(args.documents, args.documents // 5, args.documents // 5)
        started = time.perf_counter()
        done = marked(maker.records)
        precision, recall, wrong = score(done, maker.groups)
        took = time.perf_counter() - started
        print(f"seed {seed}: precision {precision:.3f}, recall {recall:.3f}, {len(done)} records, {took:.1f} s")
        if args.show:
            texts = {str(record["id"]): record for record in done}
            for kind, a, b in wrong:
                print(
                    kind,
                    a,
                    b,
                    texts[a]["title"],
                    texts[a]["text"],
                    "-----",
                    texts[b]["title"],
                    texts[b]["text"],
                    sep="\n",
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
