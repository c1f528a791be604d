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

def table(heads, rows):
    def row(tag, cells):
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"
    return f"<table><thead>{row('th', heads)}</thead><tbody>{''.join(row('td', cells) for cells in rows)}</tbody></table>"


def every_word(book, words):
    """Each word is in the PDF, and all that is printed stands on paper."""
    text = re.sub(r"\u00ad\n|\s", "", book.read("-layout")), re.sub(r"\u00ad\n|\s", "", book.read("-raw"))
    lost = [word for word in words if word not in text[0] and word not in text[1]]
    assert not lost, (len(lost), lost[:10])
    for n, page in enumerate(book.words()):
        for word, x0, y0, x1, y1 in page:
            assert 15 * MM < x0 and x1 < 200 * MM and 8 * MM < y0 and y1 < 287 * MM, (n, word, x0 / MM, y0 / MM, x1 / MM, y1 / MM)


def test_a_row_higher_than_a_page_goes_over_pages_below_its_head():
    cell = [f"w{i}" for i in range(2400)]
    body = "<p>before</p>" + table(["Left", "Right"], [["a1", "b1"], ["short", " ".join(cell)], ["a3", "b3"]]) + "<p>after</p>"
    for language in ("en", "ar"):
        with Book([letter(html=body, language=language)]) as book:
            pages = book.pages("-layout")
            every_word(book, cell + ["before", "after", "short", "a1", "b1", "a3", "b3"])
            assert len(pages) >= 3 and all("Left" in page and "Right" in page for page in pages[:-1]), [page[:200] for page in pages]
            assert book.reports[0]["note"] == "", book.reports


def test_rows_of_a_table_stay_whole_and_its_head_begins_each_page():
    rows = [[f"r{i}", f"first{i} " + "x" * 60 + f" mid{i} " + "x" * 60 + f" last{i}"] for i in range(60)]
    with Book([letter(html="<p>a</p>" * lead + table(["Number", "What"], rows)) for lead in range(4)]) as book:
        for page in book.pages("-layout"):
            assert "Number" in page, page
            assert {w[5:] for w in re.findall(r"first\d+", page)} == {w[4:] for w in re.findall(r"last\d+", page)}, page
        every_word(book, [f"last{i}" for i in range(60)])


def test_two_tables_are_two():
    with Book([letter(html=table(["A"], [["one two three four five six"]]) + table(["B", "C"], [["x", "y"]]))]) as book:
        every_word(book, ["A", "B", "C", "x", "y"])
        b, x = (next(w for w in book.words()[0] if w[0] == word) for word in ("C", "y"))
        assert b[1] == x[1] and b[1] < 40 * MM, "the second table's columns are its own"


def test_columns_grow_narrower_and_smaller_and_then_stand_below():
    for columns, parts in ((3, 1), (12, 1), (30, 2), (90, 4)):
        heads = [f"head{i}" for i in range(columns)]
        rows = [[f"c{r}x{i}" for i in range(columns)] for r in range(5)]
        with Book([letter(html=table(heads, rows))]) as book:
            every_word(book, heads + sum(rows, []))
            found = re.match(r"a table of \d+ columns is wider than the page: it stands in (\d+) parts", book.reports[0]["note"])
            stands = int(found[1]) if found else 1
            assert stands == 1 if parts == 1 else stands >= parts, (columns, book.reports)
            assert min(w[4] - w[2] for page in book.words() for w in page) > 6, "what is printed can be read"
            text = book.read("-layout")
            assert text.count("c4x0") == stands, "each part begins with the first column"


def test_long_words_and_long_cells_are_broken():
    word = "".join(f"{i:03}" for i in range(100))
    with Book([letter(html=f"<p>{word}</p><h1>{word}</h1><ul><li>{word}</li></ul><pre>{word}</pre><blockquote><p><code>{word}</code></p></blockquote>" + table([word, "B"], [["x", word], [word, word]]),
                      subject=word)]) as book:
        every_word(book, ["x"])
        text = re.sub(r"\u00ad\n|\s", "", book.read("-raw"))
        assert text.count(word) >= 6, text  # those of cells side by side are read below
        assert text.count("099") == 10 and text.count("000") >= 10, text


def test_a_subject_of_any_length_is_printed():
    for count in (60, 3000):
        words = [f"s{i}" for i in range(count)]
        with Book([letter(subject=" ".join(words), html="<p>body</p>")]) as book:
            every_word(book, words + ["body"])
            assert book.reports[0]["pages"] == len(book.pages()) and (count == 60) == (len(book.pages()) == 1), book.reports


def test_sender_and_reference_shrink_and_wrap_and_what_has_no_room_stands_above_the_subject():
    for window, paper in (("din5008-a", "a4"), ("din5008-b", "a4"), ("us10", "letter")):
        for count, note in ((25, ""), (400, "above the subject")):
            sender, reference = [f"from{i}" for i in range(count)], [f"ref{i}" for i in range(count)]
            with Book([letter(sender=" ".join(sender), reference=" ".join(reference))], {"window": window, "paper": paper}) as book:
                every_word(book, sender + reference + ["invitation", "reader,", "2026"])
                assert (book.reports[0]["note"] == "") == (note == "") and note in book.reports[0]["note"], book.reports
                boxes = [(x0, y0, x1, y1) for _, x0, y0, x1, y1 in book.words()[0]]
                assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 5], "no word stands on another"


def test_headings_keep_what_follows_even_in_a_row_and_before_pictures_and_codes():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "picture.png"
        file.write_bytes(png(600, 400))
        follow = {"<p>text</p>": "text", '<p><img src="cid:p" title="captioned" alt="x"></p>': "captioned", table(["Th"], [["td " + "x " * 300]]): "td", "": "10-CODE"}
        extra = {"pictures": [{"name": "p", "file": str(file)}], "url": "https://go.example.com/r/1", "code": "10-CODE"}
        for what, word in follow.items():
            with Book([letter(html="<p>l</p>" * lines + "<h1>Top</h1><h2>Under</h2>" + what, **extra) for lines in range(26, 46)]) as book:
                pages = [p for p in book.pages() if "Top" in p]
                assert len(pages) == 20 and all("Under" in p and word in p for p in pages), (what, [p for p in pages if word not in p])
                assert len(book.pages()) > 25, "some headings began a page"


def test_an_invitation_of_any_length_is_printed():
    words = [f"i{i}" for i in range(3000)]
    with Book([letter(invitation=" ".join(words), url="https://go.example.com/r/1", code="10-CODE")]) as book:
        every_word(book, words + ["10-CODE", "go.example.com/r/1"])
        assert book.codes(len(book.pages())) == ["https://go.example.com/r/1"]


def test_all_missing_characters_are_told_or_said_to_be_more():
    with Book([letter(html="<p>" + "".join(chr(0x10ff00 + i) for i in range(60)) + "\u0378 \U0001f600</p>")]) as book:
        assert book.reports[0]["unknown"] == 61 and book.reports[0]["characters"].endswith("U+10FF1F and others"), book.reports


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
            with Book([letter(**picture) for _ in range(5)], {"logo": str(logo)}) as again:
                assert again.path.read_bytes() == book.path.read_bytes()
        signature.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
        with Book([letter(**picture), letter(html='<p><img src="cid:other"></p>'), letter(html='<p><img src="file:///etc/passwd"></p>')]) as book:
            assert ["picture" in r["problem"] for r in book.reports] == [True, True, False], book.reports


def test_a_picture_is_as_wide_as_its_dots_and_never_wider_or_higher_than_the_page():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "picture.png"
        for (width, height), most in (((300, 150), (25.4, 12.7)), ((4000, 500), (165, 20.6)), ((500, 8000), (15.06, 241))):
            file.write_bytes(png(width, height))
            with Book([letter(html='<p>above</p><p><img src="cid:p" title="below it" alt="unseen" style="x"></p>', pictures=[{"name": "p", "file": str(file)}])]) as book:
                row = subprocess.run(["pdfimages", "-list", book.path], capture_output=True, text=True, check=True).stdout.splitlines()[2].split()
                dots = width / most[0] * 25.4
                assert abs(int(row[12]) - dots) <= dots / 50 + 1 and row[12] == row[13], (row, dots)
                page = book.pages()[int(row[0]) - 1]
                assert "below it" in page and "unseen" not in page, page


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
