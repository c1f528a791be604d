#!/usr/bin/python3
"""Letters as PDF (plugins/directmail/pages.*), read back by other programs: poppler says what stands where, zbar what the codes say. No server, no database."""
import html
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import unicodedata
import zlib

from nurture import BUILD, run_tests

MM = 72 / 25.4
TOOL, BENCH = BUILD / "tools/letter_pages", BUILD / "bench/directmail_pages"

UGLY = [  # names, and the words by which a reader must find them (right-to-left ones as they are read)
    'Ann "The Boss" O\'Neil', "Ann\r\nLee", "=HYPERLINK(\"http://evil\",\"x\")", "+1;-2;@sum", "<b>Bold</b> &amp; Co", "**stars** _and_ [a](b)", "{{ lead.email }} {% if %}",
    "محمد علي", "יעל כהן", "สมชาย ใจดี", "नेहा शर्मा", "Z̆ö́ë Ångström", "山田太郎", "김철수", "王小明", "Nguyễn Văn An", "Ελένη Παπαδοπούλου", "Дмитрий Щукин", "தமிழ் செல்வன்", "😀 Smiley",
]


class Book:
    """One PDF with its letters' reports."""

    def __init__(self, letters, layout=None, sender="DE"):
        self.folder = tempfile.TemporaryDirectory(prefix="nurture-pages-")
        self.path = pathlib.Path(self.folder.name) / "letters.pdf"
        done = subprocess.run([TOOL, self.path], input=json.dumps({"layout": layout or {}, "from": sender, "letters": letters}), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        self.reports = [json.loads(line) for line in done.stdout.splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def read(self, *options):
        return subprocess.run(["pdftotext", *options, self.path, "-"], capture_output=True, text=True, timeout=120, check=True).stdout

    def pages(self, *options):
        return self.read(*options).split("\f")[:-1]

    def info(self):
        return dict(re.findall(r"^([^:]+): +(.*)$", subprocess.run(["pdfinfo", self.path], capture_output=True, text=True, check=True).stdout, re.M))

    def words(self):
        """(text, x0, y0, x1, y1) in points of each page's words."""
        out = []
        for page in self.read("-bbox").split("<page ")[1:]:
            found = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', page)
            out.append([(html.unescape(text), *map(float, box)) for *box, text in found])
        return out

    def codes(self, page):
        target = self.path.with_suffix("")
        subprocess.run(["pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", "-f", str(page), "-l", str(page), self.path, target], check=True, timeout=120)
        read = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", target.with_suffix(".png")], capture_output=True, text=True, timeout=120)
        return read.stdout.split()

    def picture(self, page, name):
        subprocess.run(["pdftoppm", "-r", "80", "-png", "-singlefile", "-f", str(page), "-l", str(page), self.path, name], check=True, timeout=120)


def letter(name="Ann Lee", **more):
    address = {"name": name, "street": "Hauptstr. 5", "city": "Köln", "postal_code": "50667", "country": "DE", **more.pop("address", {})}
    return {"address": address, "sender": "Nurture Ltd\n1 Road\n12345 Town", "date": "26 November 2026", "subject": "An invitation", "html": "<p>Dear reader,</p>", "language": "en", **more}


def escaped(text):
    """As the server escapes what a lead's data brings."""
    return html.escape(text).replace("&#x27;", "&#39;")


def plain(text):
    """Without what only layout brings: soft hyphens at line ends, blanks, marks of direction."""
    return re.sub(r"\u00ad\n|[\s\u200e\u200f\u202a-\u202e]+", lambda m: "" if m[0].startswith("\u00ad") else " ", text).strip()


def png(width, height):
    row = b"\0" + b"\x20\x40\x80" * width
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")


def test_every_name_is_printed_as_it_is():
    with Book([letter(name, html=f"<p>Dear {escaped(name)},</p><p>it is for you.</p>") for name in UGLY]) as book:
        pages = book.pages()
        assert len(pages) == len(UGLY), len(pages)
        for name, page, report in zip(UGLY, pages, book.reports):
            assert report["problem"] == report["overflow"] == "" and report["missing"] is None, report
            line = plain(name)
            assert report["lines"][0] == unicodedata.normalize("NFC", line), report
            assert report["unknown"] == 0, (name, report)
            text = plain(page).replace(" ", "")
            for word in line.split():
                if not re.search("[\u0590-\u0dff\u0e00-\u0e7f\u0b80-\u0bff]", word):  # what poppler turns round or orders by its glyphs is looked at below
                    assert text.count(unicodedata.normalize("NFC", word)) >= 2 or text.count(word) >= 2, (name, text)


def test_scripts_from_right_to_left_are_read_back_in_their_order():
    with Book([letter("יעל כהן", html="<p>שלום יעל, זה מכתב.</p>", language="he"), letter("محمد علي", html="<p>مرحبا محمد</p>", language="ar")]) as book:
        hebrew, arabic = (plain(page).replace(" ", "") for page in book.pages())  # poppler sees blanks where letters stand wide
        assert "יעלכהן" in hebrew and "שלוםיעל" in hebrew and "זהמכתב" in hebrew, hebrew
        assert "محمدعلي" in arabic and "مرحبامحمد" in arabic, arabic
        words = [w for w in book.words()[0] if re.search("[\u0590-\u05ff]", w[0])]
        assert max(w[3] for w in words if w[2] > 80 * MM) > 185 * MM, words  # the body begins at the right margin
        assert min(w[1] for w in words if w[2] < 80 * MM) < 27 * MM, words   # the address at the window's left


def test_the_address_stands_in_the_window():
    windows = {("din5008-a", "a4"): (20, 44.7, 105, 72, 44.7 - 17.7), ("din5008-b", "a4"): (20, 62.7, 105, 90, 62.7 - 17.7), ("us10", "letter"): (25.4, 66.6, 108, 85.8, None)}
    for (window, paper), (left, top, right, bottom, field) in windows.items():
        with Book([letter(address={"organisation": "Acme & Söhne GmbH"})], {"window": window, "paper": paper}) as book:
            words = book.words()[0]
            seen = [w for w in words if w[0] in ("Acme", "Ann", "Hauptstr.", "50667", "Köln")]
            assert len(seen) == 5, words
            for word, x0, y0, x1, y1 in seen:
                assert left * MM <= x0 and x1 <= right * MM and top * MM - 2 <= y0 and y1 <= bottom * MM + 2, (window, word, x0 / MM, y0 / MM)
            sender = next(w for w in words if w[0] == "Nurture")
            assert field is None or (field * MM <= sender[2] and sender[4] <= top * MM), sender
            assert next(w for w in words if w[0] == "invitation")[2] > bottom * MM


def test_what_does_not_fit_the_window_is_told_and_still_printed():
    city, lines = "Llanfair" * 37 + "Ende", "\n".join(f"Etage {i}" for i in range(9))
    with Book([letter(address={"city": city * 3}, subject="", html=""), letter(address={"street": lines}), letter(address={"city": city})]) as book:  # 900 letters; nine streets; 300 letters
        long, many, fits = book.reports
        assert "line 3 is wider" in long["overflow"] and "lines" in many["overflow"] and fits["overflow"] == "", book.reports
        pages = book.pages()
        assert city * 3 in re.sub(r"\s", "", pages[0]) and city in re.sub(r"\s", "", pages[2]), pages
        assert all(f"Etage {i}" in pages[1] for i in range(9)), pages[1]


def test_missing_parts_have_a_word():
    with Book([letter(address={"street": ""}), letter(address={"postal_code": "1067"}), letter("")]) as book:
        assert [r["missing"] for r in book.reports] == ["street", "postal_code", "name"], book.reports


def test_missing_glyphs_are_reported_with_their_characters():
    with Book([letter("Ann \U0010ff00 Lee", html="<p>\U0010ff00\U0010ff01</p>"), letter()]) as book:
        assert book.reports[0]["unknown"] == 3 and book.reports[0]["characters"] == "U+10FF00, U+10FF01", book.reports[0]
        assert book.reports[1]["unknown"] == 0, book.reports[1]


def test_each_letter_has_one_code_that_leads_to_its_page():
    urls = [f"https://go.example.com/r/K7M2QX9P4TNB8F{i:02}" for i in range(3)] + ["https://a-rather-long-name.of-a-server.example.com/with/a/path/r/K7M2QX9P4TNB8FJD?" + "x" * 80]
    with Book([letter(url=url, code="K7M2-QX9P-4TNB-8FJD", invitation="Scan, or type:") for url in urls]) as book:
        pages = book.pages()
        for i, url in enumerate(urls):
            assert book.codes(i + 1) == [url], (i, book.codes(i + 1))
            assert "K7M2-QX9P-4TNB-8FJD" in pages[i] and url.split("://")[1][:30] in pages[i] and "Scan, or type:" in pages[i], pages[i]
    with Book([letter(), letter(url="https://example.com/" + "x" * 2000), letter()]) as book:
        assert book.codes(1) == [] and book.reports[1]["problem"] == "it is too long for a QR code that a telephone can read from a letter.", book.reports
        assert len(book.pages()) == 2, "the refused letter has no page"


def test_markdown_is_laid_out():
    body = ('<h1 style="x">Head</h1>\n<p style="m">A <strong>bold</strong> word, <em>slanted</em> <code>code</code>, a <a href="https://example.com/a?b=1&amp;c=2" style="x">link</a> and '
            '<a href="https://example.com">example.com</a> and <a href="mailto:a@example.com">a@example.com</a>.<br>\nnext line</p>\n'
            '<ul><li>one</li>\n<li>two<ol start="3"><li>three</li></ol></li></ul><blockquote><p>quoted</p></blockquote><pre>code  block\n  kept</pre>'
            '<table><thead><tr><th>Name</th><th>Price</th></tr></thead><tbody><tr><td>Seat</td><td>12</td></tr></tbody></table>'
            '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &#39;quoted&#39;</p><script>gone()</script><hr style="x"><p>second page</p><hr>')
    with Book([letter(html=body)]) as book:
        first, second = book.pages("-layout")
        for words in ("Head", "A bold word, slanted code, a link (https://example.com/a?b=1&c=2)", "example.com and a@example.com.", "next line", "• one", "• two", "3. three", "quoted", "code block",
                      "<script>alert(1)</script> &amp; 'quoted'"):
            assert words in plain(first), (words, first)
        assert "example.com (" not in plain(first) and re.search(r"Name +Price\n+ *Seat +12", first) and "second page" in second and "2/2" in second and "/2" not in first, (first, second)
        fonts = subprocess.run(["pdffonts", book.path], capture_output=True, text=True, check=True).stdout
        assert "Bold" in fonts and "Italic" in fonts and "Mono" in fonts and " no " not in [line[60:68] for line in fonts.splitlines()[2:]], fonts


def test_no_paragraph_leaves_one_line_alone_and_no_heading_its_text():
    paragraphs = []
    for i in range(60):
        if i % 4 == 3:
            paragraphs.append(f"<h2>h{i}</h2>")
        paragraphs.append("<p>" + " ".join(f"p{i}l{k}" + "x" * 60 for k in range(1 + i * 7 % 5)) + "</p>")  # one word a line
    for lead in range(0, 6):
        with Book([letter(html="<p>a</p>" * lead + "".join(paragraphs))]) as book:
            pages = [[line.strip() for line in page.splitlines() if re.match(r" *(p\d+l|h\d+$)", line)] for page in book.pages("-layout")]
            assert sum(map(len, pages)) == sum(1 + i * 7 % 5 for i in range(60)) + 15, "every line is there"
            for i, page in enumerate(pages):
                first, last = re.match(r"p(\d+)l(\d)", page[0]), re.match(r"p(\d+)l(\d)", page[-1])
                assert last, f"a heading ends page {i}: {page[-1]}"
                lines = [1 + int(m[1]) * 7 % 5 for m in (first, last) if m]
                if i and first and int(first[2]) > 0:
                    assert int(first[2]) <= lines[0] - 2 and int(first[2]) >= 2, page[0]
                if i + 1 < len(pages) and int(last[2]) < lines[-1] - 1:
                    assert int(last[2]) >= 1, page[-1]


def test_words_are_parted_as_their_language_does():
    words = "Donaudampfschifffahrtsgesellschaft Verantwortlichkeiten Zusammenarbeit Unternehmensberatung " * 8
    with Book([letter(html=f"<p>{words}</p>", language="de"), letter(html=f"<p>{words}</p>", language="xx")]) as book:
        german, unknown = book.pages()
        assert "\u00ad" in german and "\u00ad" not in unknown
        assert not re.search("\u00ad(?!\n)", german), "a hyphen stands where no line ends"
        assert plain(german).count("Donaudampfschifffahrtsgesellschaft") == 8, german


def test_paper_bleed_and_marks():
    for paper, (width, height) in {"a4": (210 * MM, 297 * MM), "letter": (612, 792)}.items():
        for bleed in (0, 3):
            with Book([letter()], {"paper": paper, "bleed": bleed}) as book:
                size = [float(n) for n in re.match(r"([\d.]+) x ([\d.]+)", book.info()["Page size"]).groups()]
                more = 2 * (bleed + 5) * MM if bleed else 0
                assert abs(size[0] - width - more) < 0.1 and abs(size[1] - height - more) < 0.1, (paper, bleed, size)


def test_pictures_are_in_the_file_once():
    with tempfile.TemporaryDirectory() as folder:
        logo, signature = pathlib.Path(folder) / "logo.png", pathlib.Path(folder) / "signature.png"
        logo.write_bytes(png(300, 90))
        signature.write_bytes(png(600, 200))
        picture = {"html": '<p>Yours</p><p><img src="cid:sign@nurture" alt="Ann" style="x"></p>', "pictures": [{"name": "sign@nurture", "file": str(signature)}]}
        with Book([letter(**picture) for _ in range(5)], {"logo": str(logo)}) as book:
            assert [r["problem"] for r in book.reports] == [""] * 5, book.reports
            listed = subprocess.run(["pdfimages", "-list", book.path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
            assert len(listed) == 10 and len({line.split()[10] for line in listed}) == 2, listed
        signature.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
        with Book([letter(**picture), letter(html='<p><img src="cid:other"></p>'), letter(html='<p><img src="file:///etc/passwd"></p>')]) as book:
            assert ["picture" in r["problem"] for r in book.reports] == [True, True, False], book.reports


def test_the_same_letters_are_the_same_bytes():
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder) / f"{i}.pdf" for i in range(2)]
        for file in files:
            subprocess.run([BENCH, "20", file], check=True, stdout=subprocess.DEVNULL, timeout=120)
        assert files[0].read_bytes() == files[1].read_bytes() and files[0].stat().st_size > 10000
        assert b"/CreationDate (D:1970" in files[0].read_bytes() or "1970" in subprocess.run(["pdfinfo", files[0]], capture_output=True, text=True).stdout


def test_a_look_draws_nothing_and_says_the_same():
    long = "<p>" + "words " * 3000 + "</p>"
    with Book([letter(html=long), letter(html=long, look=True), letter(look=True)]) as book:
        assert book.reports[0] == book.reports[1] and book.reports[0]["pages"] == len(book.pages()) > 2, book.reports
        assert book.reports[2]["pages"] == 1


def test_a_full_disk_is_told():
    letters = [letter(html="<p>" + "words " * 3000 + "</p>")] * 5
    done = subprocess.run([TOOL, "/dev/full"], input=json.dumps({"from": "DE", "letters": letters}), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "could not be written" in done.stderr, done


if __name__ == "__main__":
    run_tests(globals())
