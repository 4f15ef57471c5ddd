"""Spreadsheets and OFD documents: what is in the package comes out as text, a broken one is said to be so."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from crawler.extract import extract
from storage.model import Block, BlockKind, Extraction

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFD = "http://www.ofdspec.org/2016"


def package(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def extracted(body: bytes, name: str = "a.zip") -> Extraction:
    return extract(
        body, url=f"http://gov.example/{name}", content_type="application/octet-stream", fetched_on=date(2024, 5, 6)
    )


def workbook(*sheets: str, strings: str = "") -> bytes:
    names = "".join(f'<sheet name="表{number}" sheetId="{number}"/>' for number in range(1, len(sheets) + 1))
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}"><sheets>{names}</sheets></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{strings}</sst>',
    }
    for number, rows in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return package(**parts)


STRINGS = "<si><t>区县</t></si><si><r><t>补贴</t></r><r><t>（万元）</t></r></si><si><t>东山县</t></si>"
ROWS = (
    '<row><c r="B1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
    '<row><c r="B2" t="s"><v>2</v></c><c r="C2"><f>1+1</f><v>410.5</v></c></row>'
    '<row><c r="C3" t="inlineStr"><is><t>合计</t></is></c></row>'
)


def test_a_sheet_is_a_table() -> None:
    found = extracted(workbook(ROWS, strings=STRINGS), "a.xlsx")
    assert found.failure is None
    assert found.blocks == (Block(kind=BlockKind.TABLE, text="区县 | 补贴（万元）\n东山县 | 410.5\n | 合计"),)


def test_days_shares_and_sums_are_written_as_a_reader_sees_them() -> None:
    formats = ("0", "14", "176", "177", "10", "178", "22")
    styles = (
        f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m"/>'
        '<numFmt numFmtId="177" formatCode="0.00_ "/><numFmt numFmtId="178" formatCode="h:mm"/></numFmts><cellXfs>'
        + "".join(f'<xf numFmtId="{number}"/>' for number in formats)
        + "</cellXfs></styleSheet>"
    )
    values = ("45418", "45418", "45413", "0.30000000000000004", "0.155", "0.375", "45418.5")
    cells = "".join(f'<c s="{place}"><v>{value}</v></c>' for place, value in enumerate(values))
    cells += '<c t="b"><v>1</v></c><c t="str"><v>0.30000000000000004</v></c><c s="1"><v>99999999</v></c>'
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row>{cells}</row></sheetData></worksheet>'
    parts = {"xl/workbook.xml": f'<workbook xmlns="{SHEET}"/>', "xl/styles.xml": styles}
    (table,) = extracted(package(**parts, **{"xl/worksheets/sheet1.xml": sheet})).blocks
    shown = ["45418", "2024-05-06", "2024-05-01", "0.3", "15.5%", "09:00", "2024-05-06 12:00", "TRUE"]
    assert table.text.split(" | ") == [*shown, "0.30000000000000004", "99999999"]


def test_sheets_come_in_the_order_of_the_workbook() -> None:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(f'<sheet name="{name}" r:id="{rel}"/>' for name, rel in (("后做的", "r2"), ("先做的", "r1")))
    targets = "".join(f'<Relationship Id="r{n}" Target="worksheets/sheet{n}.xml"/>' for n in (1, 2))
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row><c><v>{{}}</v></c></row></sheetData></worksheet>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{relations}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">{targets}</Relationships>',
        "xl/worksheets/sheet1.xml": sheet.format(1),
        "xl/worksheets/sheet2.xml": sheet.format(2),
    }
    assert [block.text for block in extracted(package(**parts)).blocks] == ["后做的", "2", "先做的", "1"]


def test_several_sheets_have_their_names_and_empty_ones_nothing() -> None:
    found = extracted(workbook(ROWS, "", ROWS, strings=STRINGS))
    assert [block.text for block in found.blocks if block.kind is BlockKind.HEADING] == ["表1", "表3"]
    assert extracted(workbook("")).failure == "empty"


def page(*lines: tuple[float, float, str]) -> str:
    objects = "".join(
        f'<ofd:TextObject Boundary="{left} {top} 150 5"><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject>'
        for left, top, text in lines
    )
    return f'<ofd:Page xmlns:ofd="{OFD}"><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>'


def test_lines_of_an_ofd_page_are_put_together_by_their_places() -> None:
    first = page(
        (30, 60, "各县（市、区）人民政府应当于每季度末将进展情况报送市人民政"),
        (30, 30, "关于"),
        (90, 30.4, "公园管理的通知"),
        (30, 70, "府办公室，由市人民政府办公室会同有关部门汇总后向社会公布，接"),
        (30, 80, "受群众监督，并作为年度考核的依据之一，考核办法另行制定后再印"),
        (30, 90, "发各地。"),
        (100, 280, "— 1 —"),
    )
    second = page((30, 30, "示例市人民政府"))
    body = package(
        **{"OFD.xml": "<o/>", "Doc_0/Pages/Page_1/Content.xml": second, "Doc_0/Pages/Page_0/Content.xml": first}
    )
    found = extracted(body, "a.ofd")
    assert [block.text for block in found.blocks if block.left_out is None] == [
        "关于公园管理的通知",
        "各县（市、区）人民政府应当于每季度末将进展情况报送市人民政府办公室，由市人民政府办公室会同有关部门"
        "汇总后向社会公布，接受群众监督，并作为年度考核的依据之一，考核办法另行制定后再印发各地。",
        "示例市人民政府",
    ]
    assert [block.left_out for block in found.blocks if block.text == "— 1 —"] == ["page_number"]


def test_an_ofd_of_pictures_has_no_text_layer() -> None:
    assert (
        extracted(package(**{"OFD.xml": "<o/>", "Doc_0/Pages/Page_0/Content.xml": page()})).failure == "no_text_layer"
    )


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "Doc_0/Pages/Page_0/Content.xml"])
@pytest.mark.parametrize("text", ["<a>", "", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;"])
def test_a_broken_part_is_said_to_be_so(name: str, text: str) -> None:
    root = "xl/workbook.xml" if name.startswith("xl") else "OFD.xml"
    found = extracted(package(**{root: "<o/>", name: text}))
    assert found.failure in ("broken", "empty", "no_text_layer")
    assert found.blocks == ()


def test_what_unpacks_beyond_measure_is_not_read() -> None:
    body = package(**{"xl/workbook.xml": "<o/>", "xl/worksheets/sheet1.xml": " " * 60_000_000})
    assert extracted(body).failure == "broken"


def test_another_package_is_unsupported() -> None:
    assert extracted(package(**{"readme.txt": "文件"})).failure == "unsupported"
