"""PDFs drawn for a test: texts and rules at places on pages, without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 600, 800


@dataclass
class Sheet:
    """One page: what is drawn on it, from the lower left corner, in points.

    rotate: by how many degrees a reader sees it turned to the right.
    """

    drawn: list[str] = field(default_factory=list)
    rotate: int = 0

    def text(self, x: float, y: float, text: str, size: float = 10) -> Sheet:
        """Draw a text: of Helvetica, or where it holds other letters, of a Chinese font that readers bring along."""
        if text.isascii():
            shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            self.drawn.append(f"BT /F1 {size} Tf {x} {y} Td ({shown}) Tj ET")
        else:
            self.drawn.append(f"BT /F2 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET")
        return self

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = 10, leading: float = 14) -> Sheet:
        """Draw texts one below the other."""
        for place, text in enumerate(texts):
            self.text(x, y - place * leading, text, size)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> Sheet:
        """Draw a line."""
        self.drawn.append(f"0.5 w {x0} {y0} m {x1} {y1} l S")
        return self

    def grid(self, xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]], size: float = 10) -> Sheet:
        """Draw a table with all its rules; ys from the top; a cell of several lines holds line breaks."""
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)
        for y, row in zip(ys, rows, strict=False):
            for x, cell in zip(xs, row, strict=False):
                if cell:
                    self.lines(x + 3, y - size - 2, cell.split("\n"), size, size + 2)
        return self


def pdf_of(sheets: Sequence[Sheet]) -> bytes:
    """Return the bytes of a PDF with these pages."""
    kids = " ".join(f"{5 + 2 * place} 0 R" for place in range(len(sheets)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(sheets)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[<</Type/Font"
        b"/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
        b"/DW 1000/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
        b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>>>]>>",
    ]
    for place, sheet in enumerate(sheets):
        stream = "\n".join(sheet.drawn).encode("ascii")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Rotate {sheet.rotate}"
            f"/Contents {6 + 2 * place} 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
