#!/usr/bin/python3
"""The decisions of the playbook's language, one by one, and what is wrong in playbooks, as `nurture check` says it: each a small playbook with stories, or with the
words that refuse it. No server, no database."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from email_drive import BUILD, run_tests  # noqa: E402

BINARY = f"{BUILD}/core/nurture"
BASE = '''playbook "t" { title = "T", time_zone = "Europe/Berlin", language = "en", postal_address = "1 Road" }
consent "email" { default = "opt-out", unknown = "opt-out" }
consent "call" { default = "opt-out", unknown = "opt-out" }
consent "letter" { default = "opt-out", unknown = "opt-out" }
hours "office" { days = "Mon-Fri", from = "9:00", to = "17:00", zone = "Europe/Berlin" }
field "timing" { label = "When", type = "choice", choices = { "now: right now", "later" } }
field "budget" { label = "B", type = "choice", choices = { "exists", "none_yet" } }
field "meeting_day" { label = "M", type = "date" }
field "employees" { of = "account", label = "E", type = "number" }
verb "demo.ask" { by = "lead" }
verb "other.ask" { by = "lead" }
asset "guide" { kind = "white-paper", title = "Guide", url = "https://example.com/g", next = { "bank" } }
asset "bank" { kind = "case-study", title = "Bank", url = "https://example.com/b" }
asset "live" { kind = "webinar", title = "Live", at = "2030-03-18 15:00 Europe/Berlin" }
person "north" { name = "N", email = "n@example.com" }
person "south" { name = "S", email = "s@example.com" }
script "ask" { question "timing" { ask = "When?" }, result "now" { when = lead { timing = "now" } }, result "later" {} }
disposition "no_answer" { means = "nobody" }
disposition "wrong_number" { means = "wrong" }
disposition "refused" { means = "refused" }
disposition "never" { means = "never" }
'''
LEAD = 'channels = { "email", "call", "letter" }, lead { email = "a@example.com", phone = "+12025550100", address = "1 R" }'
FILES = {
    "templates/call/ask.md": "# timing\nWhen?\n",
    "templates/letter/l.md": "Dear.\n",
    **{f"templates/email/{m}.md": "---\nsubject: Hi\n---\nHi.\n" for m in "abcd"},
}
C = 'campaign "c" { leave = withdrew "email", '


class Book:
    """A folder in which one playbook after the other is checked."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for path, text in {**FILES, "playbook.lua": BASE}.items():
            (self.folder / "playbook" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "playbook" / path).write_text(text)
        (self.folder / "nurture.conf").write_text(f'data_dir = "{folder}/var"\nplugin_dir = "{BUILD}/plugins"\npostal_address = "1 Road"\n'
                                                  'channel "email" { plugin = "email", relay = "maildir:outbox", from = "Us <us@example.com>" }\n')
        self.wrong = []

    def check(self, campaigns, stories=()):
        for name, text in (("campaigns.lua", campaigns), ("tests/stories.lua", "\n".join(f'test "t{i}" {{ {LEAD}, {story} }}' for i, story in enumerate(stories)))):
            path = self.folder / "playbook" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        done = subprocess.run([BINARY, "check", str(self.folder / "playbook"), "--config", str(self.folder / "nurture.conf")], capture_output=True, text=True, timeout=120)
        return done.stdout + done.stderr


def book():
    return tempfile.TemporaryDirectory(prefix="nurture-test-decisions-")


def case(book, name, campaigns, *said, tests=(), lacks=()):
    """What is said stands in the answer; without it, all stories hold."""
    out = book.check(campaigns, tests)
    if not said:
        said = (" 0 errors", f"{len(tests)} test{'' if len(tests) == 1 else 's'} passed.")
    if [text for text in said if text not in out] or [text for text in lacks if text in out]:
        book.wrong.append(f"{name}: wanted {said}\n{out}")


def test_each_decision_of_the_language_holds():
    with book() as folder:
        tried = Book(folder)
        decisions(tried)
        assert not tried.wrong, "\n".join(tried.wrong)


def test_what_is_wrong_in_a_playbook_is_refused_or_contained():
    with book() as folder:
        tried = Book(folder)
        wrong_input(tried)
        assert not tried.wrong, "\n".join(tried.wrong)


def test_ten_thousand_steps_are_a_campaign():
    with book() as folder:
        tried = Book(folder)
        acts = ['email "a"' if i % 50 == 0 else 'stage "engaged"' for i in range(10000)]
        steps = "".join(f'  step "s{i}" {{ wait "1 day", {act} }},\n' for i, act in enumerate(acts))
        out = tried.check(C + 'enter = on "demo.ask",\n' + steps + "}", ['event "demo.ask", day(2), expect { email = "a" }, day(60), expect { email = "a" }'])
        assert "0 errors" in out and "1 test passed" in out, out


def decisions(book):
    case(book, "1 or", C+'enter = stage "customer" or stage "inquiry", step "s" { email "a" } }', '"or" cannot join conditions: Lua would silently drop one of them. Write any { …, … }.')
    case(book, "1 and", C+'enter = stage "customer" and stage "inquiry", step "s" { email "a" } }', '"and" cannot join', 'all { …, … }')
    case(book, "1 not", C+'enter = not stage "customer", step "s" { email "a" } }', '"not" cannot', 'none { … }')
    case(book, "1 orphan", 'stage "customer"\n'+C+'enter = "by hand", step "s" { email "a" } }', 'is used nowhere')
    case(book, "2 double", C+'enter = "by hand", step "s" { when = stage "customer",\n when = stage "inquiry", email "a" } }', '"when" is given twice in the same braces (first on line 1)')
    case(book, "3 stage before", C+'enter = "by hand", step "s" { stage "qualified", handoff "north" } }', 'stage "qualified" sets the stage here. If you are asking, write when = stage "qualified"; if you are setting, put it after handoff.')
    case(book, "3 parts", C+'enter = "by hand", step "s" { grade "B2", email "a" }, step "t" { lead { timing = "now" }, email "a" } }', 'is a question and stands where something is done. Write when =')
    case(book, "3 twice", C+'enter = "by hand", enter = on "demo.ask", step "s" { stage "qualified" } }', 'given twice')
    case(book, "3 sets alone", 'campaign "c" { enter = on "demo.ask", step "s" { stage "qualified" }, step "t" { alert "a" { to = "north" }, stage "accepted" } }', tests=['event "demo.ask", expect { stage = "accepted" }'])
    G='campaign "c" { leave = withdrew "email", enter = on "demo.ask", goal = on "other.ask"%s, step "a" { email "a" }, step "b" { wait "5 days", email "b" }, step "x" { wait "5 days", email "c" } }'
    case(book, "4 counts", G%'', tests=['event "demo.ask", expect { email = "a" }, day(2), event "other.ask", expect { left = "nothing" }, day(6), expect { email = "b" }'])
    case(book, "4 leave", G%', at_goal = "leave"', tests=['event "demo.ask", expect { email = "a" }, day(2), event "other.ask", expect { left = "c" }, day(6), expect { email = "nothing" }'])
    case(book, "4 step", G%', at_goal = "x"', tests=['event "demo.ask", expect { email = "a" }, day(2), event "other.ask", day(6), expect { email = "nothing" }, day(7), expect { email = "c" }'])
    case(book, "4 before entry", 'segment "g" { who = on "other.ask" }\ncampaign "c" { leave = withdrew "email", enter = on "demo.ask", goal = segment "g", at_goal = "leave", step "a" { wait "1 day", email "a" } }', tests=['event "other.ask", day(2), event "demo.ask", expect { left = "nothing" }, day(4), expect { email = "a" }'])
    case(book, "5 once", 'model "m" { title = "M", from = 0, to = 100, rule "r" { on "asset.download", points = 10 }, rule "e" { on "demo.ask", points = 7, each = "time", max = 20 }, rule "s" { on "asset.download" { subject = "*" }, points = 5, each = "subject", max = 50 } }',
      tests=['event "asset.download" { subject = "guide" }, event "asset.download" { subject = "guide" }, expect { score = { m = 15 } }, event "asset.download" { subject = "bank" }, expect { score = { m = 20 } }, event "demo.ask", event "demo.ask", event "demo.ask", expect { score = { m = 40 } }'])
    case(book, "5 needs max", 'model "m" { title = "M", from = 0, to = 100, rule "e" { on "demo.ask", points = 7, each = "time" } }', 'each = "time" needs max =, or one busy reader gets endless points.')
    case(book, "6 fades", 'model "m" { title = "M", from = 0, to = 100, rule "e" { on "demo.ask", points = 7, fades = "30 days" } }', 'by half every 30 days')
    case(book, "6 rounding", 'model "m" { title = "M", from = 0, to = 100, rule "e" { on "demo.ask", points = 10, fades = "by half every 30 days" }, rule "f" { on "other.ask", points = 5, fades = "by half every 30 days" } }', tests=['event "demo.ask", event "other.ask", wait "30 days", expect { score = { m = 8 } }'])
    case(book, "7 none", 'segment "lapsed" { who = none "*" { within = "90 days" } }', tests=['expect { segment = "nothing" }, day(89), expect { segment = "nothing" }, day(92), expect { segment = "lapsed" }'])
    case(book, "8 star", 'segment "active" { who = on "*" { within = "30 days" } }\n'+C+'enter = "by hand", step "a" { email "a" } }', tests=['event "campaign.enter" { data = { campaign = "c" } }, day(40), expect { segment = "nothing" }, event "page.view", expect { segment = "active" }'])
    case(book, "9 verb", 'segment "s" { who = on "asset.downlaod" }', 'there is no verb "asset.downlaod". Did you mean "asset.download"? An event of your own needs verb "asset.downlaod" { … } first.')
    case(book, "9 subject", 'segment "s" { who = on "asset.download" { subject = "giude" } }', 'there is no asset "giude". Did you mean "guide"?')
    case(book, "9 key", 'segment "s" { who = on "asset.download" { minutes = 3 } }', 'minutes')
    case(book, "10 leave already", 'campaign "c" { enter = on "demo.ask", leave = lead { timing = "now" }, step "a" { email "a" } }', tests=['lead { timing = "now" }, event "demo.ask", expect { email = "nothing" }, wait "1 day", expect { left = "nothing" }'])
    case(book, "11 overdue now", C+'enter = on "demo.ask", step "a" { wait "10 days", email "a" }, step "b" { day(5), email "b" } }\ncap "email" { at_most = 1, within = "2 days" }', tests=['event "demo.ask", day(11), expect { email = "a" }, day(12), expect { email = "nothing" }, day(13), expect { email = "b" }'])
    case(book, "11 second round", C+'enter = on "demo.ask", step "a" { day(3), email "a" }, step "b" { wait "2 days", email "b", go "a" } }', tests=['event "demo.ask", day(3), expect { email = "a" }, day(4), expect { email = "nothing" }, day(5), expect { email = "b" }, day(6), expect { email = "nothing" }, day(7), expect { email = "b" }'])
    case(book, "12 day0", C+'enter = "by hand", step "a" { day(0), email "a" } }', 'day(0)')
    case(book, "12 day1", C+'enter = on "demo.ask", step "a" { day(1), email "a" } }', tests=['event "demo.ask", expect { email = "a" }'])
    case(book, "13 letter", C+'enter = on "demo.ask", step "l" { letter "l" { drop = "Thursday" } }, step "b" { wait "3 days", email "b" } }', tests=['event "demo.ask", day(3), expect { letter = "nothing" }, day(4), expect { letter = "l" }, day(6), expect { email = "nothing" }, day(7), expect { email = "b" }'])
    case(book, "14 before", 'asset "past" { kind = "webinar", title = "P", at = "2020-03-18 15:00 Europe/Berlin" }\n'+C+'enter = on "demo.ask", step "a" { before("1 day", "past"), email "a" }, step "b" { after("1 day", "past"), email "b" } }', tests=['event "demo.ask", expect { email = "b", left = "c" }'])
    case(book, "14 late", 'asset "past" { kind = "webinar", title = "P", at = "2020-03-18 15:00 Europe/Berlin" }\n'+C+'enter = on "demo.ask", step "a" { before("1 day", "past"), late = "now", alert "a" { to = "north" }, stage "qualified" }, step "b" { after("1 day", "past"), late = "skip", email "b" } }', tests=['event "demo.ask", expect { stage = "qualified", email = "nothing" }'])
    W=C+'enter = on "demo.ask", step "a" { email "a" }, step "b" { wait "2 days", alert "d" { to = "north" } }, step "w" { wait_for { on "other.ask", within = "5 days"%s }, email "b", otherwise = "c" }, step "z" { leave "z" }, step "c" { email "c" } }'
    case(book, "15 since contact", W%'', tests=['event "demo.ask", wait "1 day", event "other.ask", wait "1 day", expect { email = "b" }'])
    case(book, "15 since step", W%', since = "step"', tests=['event "demo.ask", expect { email = "a" }, wait "1 day", event "other.ask", expect { email = "nothing" }, wait "5 days", expect { email = "nothing" }, wait "3 days", expect { email = "c" }'])
    case(book, "16 falls", C+'enter = "by hand", step "s" { choose "timing" { now = "x", later = "y" } }, step "x" { email "a" }, step "y" { email "b" } }', 'is a branch of "s", but leads also fall into it from "x" above. End "x" with go or leave.')
    case(book, "18 empties", 'segment "b" { who = account { employees = at_least(0) } }\nsegment "s" { who = people { lead { role = known }, same = "role" } }', tests=['expect { segment = "nothing" }'])
    case(book, "18 same empty", 'segment "s" { who = people { on "demo.ask", same = "role", at_least = 1 } }', tests=['colleague { event "demo.ask" {} }, expect { segment = "nothing" }, event "demo.ask", expect { segment = "nothing" }'])
    case(book, "19 comma", C+'enter = "by hand", holdout = 0,10, step "s" { email "a" } }', 'a number stands alone here (10). Was a decimal comma typed? Write "10%" or 0.10.')
    case(book, "19 ten", C+'enter = "by hand", holdout = 10, step "s" { email "a" } }', 'holdout = 10 would leave everybody out. Ten per cent is "10%".')
    case(book, "20 choices", 'field "x" { type = "choice", label = "X", choices = { now = "a", later = "b" } }', 'x')
    F=C+'enter = "by hand", step "s" { function(lead) %s end }, step "t" { email "a" } }'
    case(book, "21 global", F%'if laed.timing == "now" then return go "t" end', 'laed')
    case(book, "21 field", F%'if lead.timming == "now" then return go "t" end', 'there is no field "timming". Did you mean "timing"?')
    case(book, "21 go", F%'return go "tt"', '"tt"', 'does not exist')
    case(book, "21 go var", F%'local x = "t" return go(x)', 'go')
    GR='model "n" { title = "N", from = 0, to = 100, rule "a" { on "demo.ask", points = 60 } }\nmodel "u" { title = "U", from = 0, to = 100, rule "b" { on "other.ask", points = 60 } }\ngrades "main" { axes = { n = { A = 75, B = 50, C = 25, D = 0 }, u = { 75, 50, 25, 0 } }, band "x" { grades = { "B*" } } }\n'
    case(book, "22 or better", GR+'segment "s" { who = grade "B2 or better" }', tests=['event "demo.ask", expect { grade = "B4", segment = "nothing" }, event "other.ask", expect { grade = "B2", segment = "s" }'])
    case(book, "23 last", GR.replace("D = 0","D = 10"), 'The last line must start at 0, where the model starts.')
    case(book, "24 hyphen", 'grades "g" { model = "m", sales-now = 3 }', 'has a hyphen, so it cannot stand left of =. Names left of = use underscores: sales_now.')
    K=C+'enter = on "demo.ask", step "q" { call "ask", answers = { %s }%s }, step "x" { email "a", leave "x" }, step "y" { email "b" } }'
    case(book, "25 26 unnamed", K%('now = "x"',''), 'says nothing about "later". Add it, or otherwise = …')
    case(book, "25 key", K%('nobdy = "x", otherwise = "y"',''), '"nobdy" is not a way this call can end. It ends with: now, later, nobody, no_answer, wrong_number, refused, never, late, held. Did you mean "nobody"?')
    case(book, "25 26 ends", K%('now = "x"',', go "y"'), tests=['event "demo.ask", answer { timing = "now" }, expect { email = "a" }','event "demo.ask", answer { timing = "later" }, expect { email = "b" }','event "demo.ask", answer "no_answer", expect { email = "b" }','event "demo.ask", answer "refused", expect { left = "c", email = "nothing" }','event "demo.ask", answer "never", expect { left = "c", email = "nothing" }','event "demo.ask", answer "wrong_number", expect { email = "b" }'])
    case(book, "26 held", K%('now = "x", held = "y", otherwise = "x"',''), tests=['event "consent.withdraw" { data = { channel = "call" } }, event "demo.ask", expect { email = "b" }'])
    case(book, "27 every", C+'enter = on "demo.ask", step "e" { every "2 weeks" { times = 2 }, email "a" }, step "z" { email "b" } }', tests=['event "demo.ask", expect { email = "nothing" }, day(15), expect { email = "a" }, day(29), expect { email = "b" }'])
    case(book, "27 retry elsewhere", C+'enter = "by hand", step "q" { retry { times = 2, every = "1 day" }, email "a" } }', 'retry')
    case(book, "27 retry", K%('nobody = retry { times = 2, every = "1 day", otherwise = "x" }, otherwise = "y"',''), tests=['event "demo.ask", answer "no_answer", day(2), answer "no_answer", day(3), answer "no_answer", expect { email = "a" }'])
    case(book, "28 within", C+'enter = "by hand", step "q" { email "a", within = "3 days" } }', 'there is no "within" here. In a step, within belongs to call, handoff or wait_for: call "web-lead" { within = "5 business minutes" }.')
    case(book, "29", 'segment "l" { who = on "webinar.attend" { value = at_least(20) } }\nsegment "ab" { who = on "webinar.attend" { value = above(20) } }\nsegment "be" { who = on "webinar.attend" { value = between(20, 30) } }', tests=['event "webinar.attend" { subject = "live", value = 20 }, expect { segment = { "l", "be" } }', 'event "webinar.attend" { subject = "live", value = 30 }, expect { segment = { "l", "ab", "be" } }'])
    case(book, "31 two", C+'enter = "by hand", step "q" { email "a", call "ask" } }', 'makes 2 contacts (email "a", call "ask"). A step makes one: give each its own step.')
    case(book, "32", C+'enter = "by hand", step "q" { handoff "north" }, step "e" { email "a" } }', 'leads handed over at "q" stay in this campaign and go on to "e". If not meant, add leave "with sales".')
    case(book, "33", C+'enter = on "demo.ask", again = "after 10 days", step "a" { email "a" }, step "b" { wait "5 days", email "b" } }', tests=['event "demo.ask", expect { email = "a" }, day(6), expect { email = "b" }, day(15), event "demo.ask", expect { email = "nothing" }, day(17), event "demo.ask", expect { email = "a" }'])
    case(book, "33 never", C+'enter = on "demo.ask", step "a" { email "a" } }', tests=['event "demo.ask", expect { email = "a" }, day(600), event "demo.ask", expect { email = "nothing" }'])
    case(book, "34", C+'enter = on "demo.ask", step "a" { wait "5 business days", email "a" } }', tests=['event "demo.ask", day(5), expect { email = "nothing" }, day(8), expect { email = "a" }'])
    case(book, "35", C+'enter = "by hand", priority = 1, step "a" { email "a" } }', 'priority')
    case(book, "35 word", C+'enter = "by hand", priority = "highest", step "a" { email "a" } }', 'priority = "highest": it is "high", "normal" or "low".')
    case(book, "36 was", C+'enter = "by hand", step "new" { was = { "old", "older" }, email "a" } }', '0 errors')
    case(book, "37", 'field "function" { type = "text", label = "F" }', '"function" is a word of Lua and cannot be a field. Call it job_function.')
    case(book, "37 countries", 'consent "fax" { default = "opt-out", unknown = "opt-out", countries = { IN = "opt-in", OR = "opt-in", DO = "opt-in", NO = "opt-in" } }', 'OR', lacks=('Lua',)) 
    case(book, "38", 'campaign "c" { step "a" { email "a" } }', 'nobody would ever enter. Say enter = …, or enter = "by hand".')
    case(book, "40", C+'enter = on "demo.ask", step "x" { day(2), function(lead) if lead.timing == "now" then return go "y" end return wait "1 day" end }, step "n" { email "b", leave "n" }, step "y" { email "a" } }', tests=['event "demo.ask", day(5), expect { email = "nothing" }, lead { timing = "now" }, day(7), expect { email = "a" }'])
    case(book, "41 split", C+'enter = "by hand", step "s" { split { email "a", email "b", first = "20%" } } }', 'nothing says what wins')
    case(book, "42", C+'enter = on "demo.ask", step "e" { every "1 month", email "a" } }', '0 errors')


def wrong_input(book):
    case(book, "loop", C+'enter = "by hand", step "a" { set { timing = "later" }, go "b" }, step "b" { set { timing = "now" }, go "a" } }', 'goes round without a pause: "a" → "b" → "a". Put a wait or every into one of them (day(4) only waits the first time round).')
    case(book, "loop fn", C+'enter = on "demo.ask", step "a" { function(lead) return go "a" end } }', 'goes round')
    case(book, "loop fn2", C+'enter = on "demo.ask", step "a" { function(lead) if lead.timing == "now" then return go "b" end end, leave "x" }, step "b" { function(lead) return go "a" end } }', 'goes round')
    case(book, "each other", 'campaign "a" { enter = on "demo.ask", again = "always", step "x" { enroll "b" } }\ncampaign "b" { enter = "by hand", again = "always", step "x" { enroll "a" } }', 'campaigns "a" and "b" enroll each other without a pause.')
    case(book, "each other with wait", 'campaign "a" { enter = on "demo.ask", again = "always", step "x" { wait "1 day", enroll "b" } }\ncampaign "b" { enter = "by hand", again = "always", step "x" { enroll "a" } }', tests=['event "demo.ask", day(30), expect { left = { "a" } }'])
    case(book, "each other by condition", 'campaign "a" { enter = stage "engaged", again = "always", step "x" { stage "qualified" } }\ncampaign "b" { enter = stage "qualified", again = "always", step "x" { stage "engaged" } }', tests=['event "demo.ask", lead { timing = "now" }, expect { stage = "inquiry" }'])
    case(book, "each other run", 'campaign "s" { enter = on "demo.ask", step "x" { stage "engaged" } }\ncampaign "a" { enter = stage "engaged", again = "always", step "x" { stage "recycled" } }\ncampaign "b" { enter = stage "recycled", again = "always", step "x" { stage "engaged" } }', 'change each other without a pause', tests=['event "demo.ask", expect { stage = "inquiry" }'])
    case(book, "date", 'asset "x" { kind = "webinar", title = "X", at = "2027-02-30 10:00 Europe/Berlin" }', '30 February 2027 does not exist.')
    case(book, "date 29", 'asset "x" { kind = "webinar", title = "X", at = "2027-02-29 10:00 Europe/Berlin" }', '29 February 2027 does not exist.')
    case(book, "gap", 'asset "x" { kind = "webinar", title = "X", at = "2027-03-28 02:30 Europe/Berlin" }', '2027-03-28 02:30 does not exist in Europe/Berlin')
    case(book, "zone", 'asset "x" { kind = "webinar", title = "X", at = "2027-03-28 02:30 Europe/Berlim" }', 'Europe/Berlim')
    case(book, "unknown step", C+'enter = "by hand", step "a" { email "a", go "bb" } }', 'goes to "bb", which does not exist.')
    case(book, "unknown template", C+'enter = "by hand", step "a" { email "aa" } }', 'there is no template templates/email/aa.md. Write it, or name one of: a, b, c, d.')
    case(book, "no address", C+'enter = on "demo.ask", step "a" { letter "l" }, step "b" { email "a" } }', tests=['lead { email = "", address = "" }, event "demo.ask", expect { held = "no postal address" }'])
    case(book, "no consent", ''+C+'enter = on "demo.ask", step "a" { email "a" }, step "b" { email "b" } }', tests=['event "consent.withdraw" { data = { channel = "email" } }, event "demo.ask", expect { email = "nothing" }'])
    case(book, "step errs", C+'enter = on "demo.ask", step "a" { function(lead) return lead.timing .. "x" end }, step "b" { email "b" } }', 'timing', tests=['event "demo.ask", expect { email = "nothing" }'])
    case(book, "53", C+'enter = "by hand", step "a" { email "a" } }', '0 errors')


if __name__ == "__main__":
    run_tests(globals())
