"""A second kind of set for duplicates, of other texts than ``bench.duplicates`` makes: ``--seeds 21 22 23``.

Forms filled in again and again (penalties, appointments, recalls, annual notices), drafts and final texts, corrected
notices, stories that quote, translations, and notices under a title that says nothing; and reposts of some of them
with heads and tails of prose.  Rules were never written after these templates.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from typing import Any

from bench.duplicates import marked, score

FIRMS = (
    "鸿源食品",
    "盛达建材",
    "北岭乳业",
    "恒信物流",
    "天合医药",
    "金穗粮油",
    "远航船务",
    "瑞丰化工",
    "长青园林",
    "明珠餐饮",
)
TOWNS = ("丹霞市", "沐川县", "白鹭区", "霞浦镇", "锦屏县", "云岭市", "清河区", "桐城县", "古田县", "平湖市")
NAMES = ("陈立群", "周海燕", "马俊", "孙晓东", "黄婷", "林国栋", "郑雪梅", "何志强", "罗敏", "曹文")
POSTS = ("副局长", "办公室主任", "总工程师", "督查专员", "二级巡视员", "信息中心主任")
FOODS = ("苹果罐头", "风味豆干", "纯牛奶", "菜籽油", "腊肠", "蜂蜜", "粉丝", "酱油")
LAWS = ("行政处罚法", "食品安全法", "公务员法", "招标投标法", "环境保护法")
EN_FIRMS = ("Harrow Foods", "Pinefield Dairy", "Castell Toys", "Orme Motors", "Brightwell Pharma", "Dunmore Textiles")
EN_TOWNS = ("Wexcombe", "Holme Valley", "Port Arden", "Tarrant", "Great Marlow", "Sefton Bridge")
EN_GOODS = ("baby monitors", "frozen peas", "electric scooters", "phone chargers", "cough syrup", "ladders")

Made = tuple[str, list[str]]


def penalty(r: random.Random) -> Made:
    """A penalty: legal text that is the same in each, one firm, one amount."""
    town, firm, food = r.choice(TOWNS), r.choice(FIRMS), r.choice(FOODS)
    fine, day = r.randint(5, 900) * 100, f"{r.randint(2019, 2026)}年{r.randint(1, 12)}月{r.randint(1, 28)}日"
    return f"{town}市场监督管理局行政处罚决定书", [
        f"当事人：{town}{firm}有限公司，住所位于{town}人民路{r.randint(1, 400)}号，法定代表人{r.choice(NAMES)}。",
        f"{day}，本局执法人员依法对当事人的经营场所进行检查，发现其销售的{food}标签不符合规定，货值{r.randint(3, 99) * 10}元。",
        f"上述行为违反了《中华人民共和国{r.choice(LAWS)}》的有关规定，事实清楚，证据确凿，程序合法。",
        "当事人在规定的期限内未提出陈述和申辩，视为放弃权利，本局依法不再组织听证。",
        f"综合考虑违法情节和社会危害程度，本局决定责令改正，没收违法所得，并处罚款{fine}元。",
        "当事人应当自收到本决定书之日起十五日内将罚款缴至指定银行，逾期不缴纳的，每日按罚款数额的百分之三加处罚款。",
        "如不服本决定，可以在六十日内申请行政复议，也可以在六个月内依法向人民法院提起行政诉讼。",
    ]


def appointment(r: random.Random) -> Made:
    """An appointment: short, and nearly all of it formula."""
    town, who = r.choice(TOWNS), r.sample(NAMES, 2)
    return f"{town}人民政府关于{who[0]}等同志任免职的通知", [
        "各镇人民政府、街道办事处，县直各单位：",
        f"经{town}第{r.choice('一二三四五六七八九')}届人民政府第{r.randint(2, 90)}次常务会议研究决定：",
        f"任命{who[0]}同志为{town}水务局{r.choice(POSTS)}，试用期一年。",
        f"免去{who[1]}同志的{town}审计局{r.choice(POSTS)}职务，另有任用。",
        "以上任职人员试用期满考核合格后正式任职，任职时间从本通知印发之日起计算。",
        "请各单位按照干部管理权限办理有关手续，做好工作交接，保持工作的连续性。",
    ]


def annual(r: random.Random) -> Made:
    """What is put out every year with another year, amount and days in it."""
    town, year = r.choice(TOWNS), r.randint(2014, 2026)
    return f"关于{year}年{town}城乡居民基本医疗保险参保缴费的公告", [
        f"为做好{year}年度城乡居民基本医疗保险参保缴费工作，现将有关事项公告如下：",
        f"一、集中缴费期为{year - 1}年9月1日至{year - 1}年12月{r.randint(20, 31)}日，逾期未缴费的不享受次年待遇。",
        f"二、个人缴费标准为每人每年{r.randint(180, 420)}元，各级财政补助标准为每人每年{r.randint(400, 700)}元。",
        "三、特困人员、低保对象、返贫致贫人口的个人缴费部分由医疗救助资金按规定给予全额或者定额资助。",
        "四、参保人员可以通过税务机关的手机应用、合作银行网点、村级服务站等渠道办理缴费，也可以由家人代为缴纳。",
        "五、新生儿自出生之日起九十日内办理参保登记并缴费的，自出生之日起享受医疗保险待遇。",
        f"咨询电话：{r.randint(300, 899)}{r.randint(1000, 9999)}，由{town}医疗保障局负责解释。",
    ]


def session(r: random.Random) -> Made:
    """A meeting: prose, each of its own."""
    town, leader, who = r.choice(TOWNS), r.choice(NAMES), r.choice(NAMES)
    themes = r.sample(
        ("防汛备汛", "营商环境", "乡村振兴", "安全生产", "秋粮收购", "校园食品安全", "河湖治理", "老旧小区改造"), 4
    )
    shuffled = [
        f"会议听取了{themes[0]}工作情况的汇报，对前{r.randint(2, 11)}个月取得的成效给予充分肯定，并指出存在的{r.randint(2, 9)}个方面问题。",
        f"{leader}强调，要把{themes[1]}摆在更加突出的位置，层层压实责任，对推进不力的{r.choice(TOWNS)}等地开展约谈。",
        f"会议审议通过了{themes[2]}三年行动方案，明确到{r.randint(2026, 2030)}年完成投资{r.randint(3, 80)}亿元，新增就业{r.randint(1, 40)}千人。",
        f"关于{themes[3]}，会议要求由{who}牵头成立专班，每月调度一次，年底前拿出{r.randint(3, 30)}项可复制的经验。",
        f"会议还研究了{r.choice(FIRMS)}公司搬迁后土地的利用，原则同意按照{r.choice(('商业', '工业', '公园', '学校'))}用途重新规划。",
        f"{who}在发言中建议，从{r.choice(TOWNS)}选取{r.randint(3, 18)}个村开展试点，摸清底数后再逐步铺开。",
    ]
    r.shuffle(shuffled)
    return f"{town}召开第{r.randint(2, 120)}次政府常务会议", [
        f"{r.randint(1, 12)}月{r.randint(1, 28)}日，{leader}主持召开常务会议，研究{themes[0]}、{themes[1]}等工作。",
        *shuffled,
    ]


def recall(r: random.Random) -> Made:
    """A recall, in English: a form."""
    firm, good, town = r.choice(EN_FIRMS), r.choice(EN_GOODS), r.choice(EN_TOWNS)
    return f"Product recall: {firm} {good}", [
        f"{firm} is recalling {r.randint(2, 90) * 100} {good} sold in {town} and nearby towns between "
        f"{r.choice(('January', 'March', 'May'))} and {r.choice(('June', 'August', 'October'))} {r.randint(2018, 2026)}.",
        f"The company has received {r.randint(2, 60)} reports of faults. No injuries have been confirmed at this time.",
        "If you have bought the product described above, stop using it at once and keep it away from children.",
        "Return it to the shop where it was bought for a full refund; you do not need a receipt to receive your money back.",
        "Retailers have been told to remove the product from their shelves and to display a notice at the point of sale.",
        f"For further information call 0800 {r.randint(100, 999)} {r.randint(100, 999)} or write to the firm's {town} office.",
    ]


def release(r: random.Random) -> Made:
    """A press release, in English: prose, each of its own."""
    town, firm, minister = r.choice(EN_TOWNS), r.choice(EN_FIRMS), r.choice(("Ruth Adair", "Owen Pike", "Maya Collins"))
    body = [
        f"The department today confirmed {r.randint(4, 300)} million pounds of funding for a tram line through {town}.",
        f"Work will begin in {r.choice(('spring', 'autumn'))} {r.randint(2026, 2031)} and take about {r.randint(14, 60)} months.",
        f'"This is a vote of confidence in {town}," said {minister}, who visited the depot with apprentices on Monday.',
        f"{firm} won the contract after a contest with {r.randint(2, 9)} rivals that lasted {r.randint(5, 30)} months.",
        f"Opponents say the route would cross {r.randint(2, 12)} allotments and a nature reserve near {r.choice(EN_TOWNS)}.",
        f"An independent review estimated that {r.randint(10, 90)} per cent of journeys to work could move off the roads.",
        f"A second phase to {r.choice(EN_TOWNS)} depends on a study which {minister} expects within {r.randint(3, 18)} weeks.",
    ]
    return f"{town} tram line funding confirmed", [body[0], *r.sample(body[1:], r.randint(4, 6))]


KINDS: tuple[tuple[str, Callable[[random.Random], Made]], ...] = (
    ("zh", penalty), ("zh", appointment), ("zh", annual), ("zh", session), ("en", recall), ("en", release),
)  # fmt: skip


def signed(r: random.Random, language: str, paragraphs: list[str]) -> list[str]:
    """Return paragraphs with who signed them, and when."""
    if language == "zh":
        day = f"{r.randint(2016, 2026)}年{r.randint(1, 12)}月{r.randint(1, 28)}日"
        return [*paragraphs, f"{r.choice(TOWNS)}人民政府办公室", day] if r.random() < 0.6 else paragraphs
    return (
        [*paragraphs, f"ENDS. Press office: {r.randint(1000, 9999)} {r.randint(100, 999)}"]
        if r.random() < 0.4
        else paragraphs
    )


def reposted(r: random.Random, language: str, title: str, paragraphs: list[str]) -> Made:
    """Return a text as a news site or another office passes it on."""
    town = r.choice(TOWNS if language == "zh" else EN_TOWNS)
    zh_heads = (
        f"{town}发布客户端讯 这几天，不少市民在后台留言询问相关情况，小编为大家找到了原文。",
        f"（{town}融媒体中心 {r.choice(NAMES)} 报道）日前，官方网站刊发了下面这份文件。",
        "点击上方蓝字关注我们，第一时间获取权威信息", f"您现在的位置：首页 > 要闻 > {town}",
        f"{r.randint(2020, 2026)}-0{r.randint(1, 9)}-1{r.randint(0, 9)} 0{r.randint(1, 9)}:3{r.randint(0, 9)} 信息员 浏览 {r.randint(20, 9000)} 次",
    )  # fmt: skip
    zh_tails = (
        f"END 编辑丨{r.choice(NAMES)} 审核丨{r.choice(NAMES)}", "觉得有用就点个“在看”，让更多人知道",
        "（来源：部门网站，如涉及版权问题请联系我们删除）", "【纠错】 【收藏】 【返回顶部】", f"往期回顾：{town}今年的这些变化你感受到了吗",
    )  # fmt: skip
    en_heads = (
        f"{town.upper()} (Newswire) - The following statement was issued on Tuesday.",
        "Breaking: read the announcement in full below, as it was sent to our newsroom.",
        f"Posted by admin on {r.randint(1, 28)}/{r.randint(1, 12)}/20{r.randint(20, 26)} in Local News",
    )
    en_tails = (
        "What do you think? Leave a comment below or write to our letters page.",
        f"More from {town}: library opening hours to change next month", "This article first appeared elsewhere and is used with permission.",
    )  # fmt: skip
    heads, tails = (zh_heads, zh_tails) if language == "zh" else (en_heads, en_tails)
    lines = list(paragraphs)
    if r.random() < 0.3 and lines[0].endswith("："):
        lines = lines[1:]
    if r.random() < 0.25:
        lines = [line for line in lines if len(line) > 16]
    if r.random() < 0.3:
        lines = [line.replace("“", '"').replace("”", '"').replace("；", ";").replace("，", ", ") for line in lines]
    if r.random() < 0.2:
        lines = [("" if language == "zh" else " ").join(lines)]
    if r.random() < 0.2 and len(lines) > 2:
        lines.insert(r.randint(1, len(lines) - 1), "（资料图）" if language == "zh" else "File picture: the town hall")
    headlines = (f"转发！{title}", f"{title}-{town}在线", "重要通知！速看", title) if language == "zh" else (
        f"{title} | {town} Herald", f"Full text: {title}", title)  # fmt: skip
    before, after = r.sample(heads, r.randint(1, 2)), r.sample(tails, r.randint(0, 2))
    return r.choice(headlines), [*before, *lines, *after]


def similar(
    r: random.Random, language: str, kind: Callable[[random.Random], Made], title: str, text: list[str]
) -> Made:
    """Return a text that is another one, though most of its words are the same."""
    ways = ["digit", "digit", "quote", "blank title", "place"]
    way = r.choice([*ways, "draft"] if language == "zh" else ways)
    if way == "digit":
        lines = list(text)
        places = [(n, i) for n, line in enumerate(lines) for i, c in enumerate(line) if c.isdigit() and len(line) > 18]
        n, i = r.choice(places) if places else (0, 0)
        if places:
            lines[n] = lines[n][:i] + str((int(lines[n][i]) % 9) + 1) + lines[n][i + 1 :]
            if lines[n] != text[n]:
                return title, lines
    if way == "place":
        names = TOWNS if language == "zh" else EN_TOWNS
        old = next((name for name in names if any(name in line for line in text)), None)
        if old:
            new = r.choice([name for name in names if name != old])
            return title.replace(old, new), [line.replace(old, new) for line in text]
    if way == "quote":
        other, own = kind(r)
        taken = [line for line in text if len(line) > 18][: max(1, len(text) // 3)]
        said = "文件提出，" if language == "zh" else "The paper says: "
        more = session(r)[1] if language == "zh" else release(r)[1]
        return other, [*more[:3], said + taken[0], *taken[1:], *own[-2:], *more[3:]]
    if way == "draft":
        cut = r.randrange(1, len(text))
        lines = [*text[:cut], "各单位可以结合实际制定实施细则，报上级部门备案后施行。", *text[cut + 1 :]]
        return f"{title}（征求意见稿）", lines
    # The same form, filled in for somebody else, under a title that says nothing.
    again = kind(r)[1]
    return ("公告" if language == "zh" else "Notice"), signed(r, language, again)


def made(seed: int, documents: int) -> tuple[list[dict[str, Any]], list[int]]:
    """Return records and their groups: three fifths originals, a fifth reposts, a fifth look-alikes."""
    r = random.Random(seed)  # noqa: S311
    records: list[dict[str, Any]] = []
    groups: list[int] = []
    seen: dict[str, int] = {}

    def add(language: str, title: str, lines: list[str], group: int) -> None:
        records.append({"id": f"r{len(records)}", "title": title, "text": "\n".join(lines), "language": language})
        groups.append(group)

    originals = []
    for group in range(documents * 3 // 5):
        language, kind = r.choice(KINDS)
        title, lines = kind(r)
        if r.random() < 0.08:
            title = "通知" if language == "zh" else "Announcement"
        lines = signed(r, language, lines)
        originals.append((language, kind, title, lines))
        add(language, title, lines, seen.setdefault("\n".join(lines), group))
    for group in r.sample(range(len(originals)), documents // 5):
        language, kind, title, lines = originals[group]
        add(language, *reposted(r, language, title, lines), groups[group])
    for n in range(documents // 5):
        language, kind, title, lines = r.choice(originals)
        other, text = similar(r, language, kind, title, lines)
        add(language, other, text, seen.setdefault("\n".join(text), documents + n))
    return records, groups


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--show", type=int, default=0, help="print so many of what was wrong")
    args = parser.parse_args()
    for seed in args.seeds:
        records, groups = made(seed, args.documents)
        done = marked(records)
        precision, recall, wrong = score(done, groups)
        print(f"seed {seed}: precision {precision:.3f}, recall {recall:.3f}, {len(done)} records")
        texts = {str(record["id"]): record for record in done}
        for kind, a, b in wrong[: args.show]:
            print(
                kind, *(part for key in (a, b) for part in ("-----", texts[key]["title"], texts[key]["text"])), sep="\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
