#!/usr/bin/python3
"""Routes of plugins: what a client asks under /v1/channels/{channel}/ reaches the plugin as it was asked, and the answer comes back; scopes hold; a plugin
that answers never, twice, too much or nonsense, that dies, is reloaded or drains harms nobody else."""
import concurrent.futures
import json
import re
import shutil
import signal
import subprocess
import threading
import time

from nurture import BUILD, SOURCE, Server, run_tests, until

ALLOWS = {"track": {"TRACK"}, "read": {"READ"}, "write": {"TRACK", "READ", "WRITE"}, "admin": {"TRACK", "READ", "WRITE", "ADMIN"}}
server, tokens = None, {}


def ask(method, path, body=None, token="admin", **more):
    """Status and body of one request to the channel's plugin."""
    return server.request(method, "/v1/channels/desk" + path, body, tokens.get(token), **more)[:2]


def headers_of(path, token=None):
    return server.request("GET", "/v1/channels/desk" + path, None, tokens.get(token))[2]


def opened():
    return until(lambda: ask("GET", "/later/0")[0] == 200, 60, "the plugin's answer")


def figure(name):
    return int(re.search(rf"^{name} (\d+)", server.get("/metrics")[1], re.MULTILINE).group(1))


def test_a_request_reaches_the_plugin_as_it_was_asked():
    status, body = ask("GET", "/echo/a%20b/%C3%A9?x=1&y=%26&x=2", headers={"X-Signature": "abc", "Cookie": "nv=1", "X-Other": "no"})
    assert status == 201, (status, body)
    assert body["route"] == "/echo/:first/:second" and body["method"] == "GET" and body["channel"] == "desk", body
    assert body["parameters"] == [["first", "a b"], ["second", "é"]] and body["query"] == [["x", "1"], ["y", "&"], ["x", "2"]], body
    assert ["X-Signature", "abc"] in body["headers"] and len(body["headers"]) <= 2 and body["remote"] == "127.0.0.1", body
    assert body["asker"] == "token" and body["asker_name"] == "test-admin" and body["asker_id"] > 0, body
    assert sorted(body["scopes"]) == ["admin", "read", "track", "write"] and body["length"] == 0 and body["role"] == "", body
    status, body = ask("POST", "/hook", b"\x00\xff" * 5, token=None, headers={"Content-Type": "Text/Plain; charset=x"})
    assert status == 201 and body["length"] == 10 and body["type"] == "text/plain" and body["asker"] == "" and body["scopes"] == [], body
    assert ask("POST", "/echo/x", b"{}", token="write")[1]["scopes"] == ["track", "read", "write"]


def test_what_is_no_route_is_not_passed_on():
    for path in ("/echo", "/echo/a/b/c", "/echo//b", "/nothing", "", "/"):
        assert ask("GET", path)[0] in (404, 405, 400), path
    assert server.request("GET", "/v1/channels/nobody/echo/a/b", None, tokens["admin"])[0] == 404
    assert ask("PATCH", "/echo/a")[0] == 405
    assert ask("POST", "/echo/a", b"x" * (65 << 10))[0] == 413
    assert ask("POST", "/hook", b"x" * (2 << 20), token=None)[1]["length"] == 2 << 20


def test_every_route_of_a_plugin_takes_only_the_scopes_it_says():
    says = json.loads(server.run("plugin", "list", "--json").stdout)
    routes = next(plugin for plugin in says if plugin["name"] == "puppet-rude")["routes"]
    assert len(routes) >= 12, routes
    for route in routes:
        costly = route["path"] in ("/never", "/crash", "/long", "/too-long", "/notes", "/notes/:what")  # of these only who is refused
        path, needs = re.sub(r":\w+", "1", route["path"]), route["scope"].upper()
        for scope in ("track", "read", "write", "admin", None, "forged"):
            if costly and (needs == "PUBLIC" or needs in ALLOWS.get(scope, ())):
                continue
            status = ask(route["method"], path, b"{}" if route["method"] in ("POST", "PUT") else None, scope)[0]
            where = (route, scope, status)
            if needs == "PUBLIC":
                assert status not in (401, 403), where
            elif scope in (None, "forged"):
                assert status == 401, where
            else:
                assert (status == 403) == (needs not in ALLOWS[scope]) and status != 401, where


def test_an_answer_is_what_the_plugin_said_and_nonsense_is_a_500():
    assert ask("GET", "/page", token=None) == (200, "<p>Hello")
    page, data = headers_of("/page"), headers_of("/echo/a/b", "read")
    assert "default-src 'none'" in page["Content-Security-Policy"] and page["Content-Type"] == "text/html; charset=utf-8", page
    assert page["Cache-Control"] == data["Cache-Control"] == "no-store" and data["X-Puppet"] == "echo" and data["Content-Type"] == "application/json", data
    status, body = ask("GET", "/long")
    assert status == 200 and len(body) == 16 << 20, (status, len(body))
    for path in ("/bad-status", "/bad-header", "/too-long"):
        assert ask("GET", path)[0] == 500, path
    assert not {"X-Evil", "Set-Cookie"} & set(headers_of("/bad-header", "read"))
    assert "channel.reply.refused" in server.log_text()


def test_a_plugin_asks_in_its_own_schema_all_or_nothing():
    first = ask("POST", "/notes", "héllo'; drop table note; --".encode())
    assert first[0] == 200 and first[1]["error"] is None, first
    one, two = first[1]["steps"]
    assert one["changed"] == two["changed"] == 1 and one["rows"] == 0 and two["columns"] == 3, first
    assert two["values"][1] == "héllo'; drop table note; --" and two["values"][2].startswith("\\x68c3a9"), two
    as_bytes = ask("POST", "/notes?bytes=1", b"second")[1]["steps"][1]["values"]
    assert as_bytes == [{"bytes": 8, "first": 0}, {"bytes": 6, "first": 115}, {"bytes": 6, "first": 115}], as_bytes
    status, again = ask("POST", "/notes", b"second")  # one of its two steps cannot be: none is
    assert status == 409 and again["sqlstate"] == "23505" and again["steps"] == [] and not again["again"], again
    status, all_of_it = ask("GET", "/notes")
    notes, total = all_of_it["steps"]
    assert notes["rows"] == 2 and notes["values"][3] is None and notes["values"][7] == "6" and total["values"] == ["2"], all_of_it
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda n: ask("POST", "/notes", f"note {n}".encode())[0], range(200)))
    assert answers == [200] * 200, answers
    assert ask("GET", "/notes")[1]["steps"][1]["values"] == ["202"]
    assert server.sql('select count(*) from "puppet-rude".note') == [["202"]]


def test_a_plugin_reaches_nothing_but_its_schema():
    for what, state in (("leads", "42501"), ("ddl", "42501"), ("write", "25006")):
        status, body = ask("GET", f"/notes/{what}")
        assert status == 409 and body["sqlstate"] == state, (what, body)
    for what in ("renamed", "unnamed", "nothing"):
        status, body = ask("GET", f"/notes/{what}")
        assert status == 409 and "this is no query" in body["error"], (what, body)
    assert ask("GET", "/notes")[1]["steps"][1]["values"] == ["202"]
    tables = server.sql("select count(*) from information_schema.role_table_grants where grantee = 'nurture_plugin_puppet-rude' and table_schema = 'public'"
                        " and table_name <> 'commit_mark'")
    assert tables == [["0"]], tables


def test_an_answer_of_the_database_that_comes_after_the_end_is_never_told():
    """The plugin is closed while it waits: nobody is called in memory that is gone, and the next one works."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(ask, "GET", "/notes/wait") for _ in range(10)]
        time.sleep(0.2)
        began = len(server.log_text())
        server.process.send_signal(signal.SIGHUP)
        assert {job.result()[0] for job in waiting} <= {200, 503}
    until(lambda: "server.ready" in server.log_text()[began:], 60, "the new generation")
    opened()
    assert "worker.died" not in server.log_text()[began:], server.log_text()[began:]


def test_the_database_going_away_is_an_error_that_may_pass():
    server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plugin.puppet-rude'")
    status, body = until(lambda: (lambda got: got if got[0] in (200, 409) else None)(ask("GET", "/notes")), 60, "an answer")
    assert status == 200 or body["again"], body
    until(lambda: ask("GET", "/notes")[0] == 200, 60, "the next connection")


def test_an_answer_counts_once_and_who_never_answers_costs_ten_seconds_of_nobody_else():
    late = figure("nurture_late_completions_total")
    assert ask("GET", "/twice")[1] == {"first": True}
    assert ask("GET", "/twice-later")[1] == {"late": True}
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        began = time.monotonic()
        never = [pool.submit(ask, "GET", "/never") for _ in range(5)]
        slow = [pool.submit(ask, "GET", "/later/700") for _ in range(40)]
        late_one = pool.submit(ask, "GET", "/later/11000")  # answers when nobody waits any more
        assert all(job.result()[0] == 200 for job in slow)
        assert [job.result()[0] for job in [*never, late_one]] == [503] * 6
        assert time.monotonic() - began > 9
    until(lambda: figure("nurture_late_completions_total") >= late + 3, 60, "the late answers, counted")


def test_a_plugin_that_dies_answers_503_to_those_in_flight_and_comes_back():
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(ask, "GET", "/never") for _ in range(10)]
        time.sleep(0.5)
        status, body = ask("GET", "/crash")
        assert status == 503 and "may have been done" in body["detail"], body
        for job in waiting:
            assert job.result()[0] == 503
    opened()


def ask_until_there(path):
    """Where no process came to the door in time (a machine with much else to do) nothing was done and the answer says so: who asks again is answered. All
    else than 200 is a fault, above all what "may have been done"."""
    def answer():
        status, body = ask("GET", path)
        return None if status == 503 and "does not run now" in body["detail"] else (status, body)
    return until(answer, 120, "a process of the channel")


def test_who_asks_while_the_server_reloads_is_answered():
    over = threading.Event()

    def is_over():
        """The old generation's processes have gone: so the channel has been given over."""
        return "generation.over" in server.log_text()[began:].partition("server.ready")[2]

    def without_end(_):
        answers = []
        while not over.is_set():
            answers.append(ask_until_there("/later/1"))
        return answers
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        slow = [pool.submit(ask_until_there, "/later/1500") for _ in range(5)]
        began = len(server.log_text())
        asking = [pool.submit(without_end, n) for n in range(6)]  # many at once, so that some have knocked when the door is shut
        try:
            server.process.send_signal(signal.SIGHUP)
            until(is_over, 120, "the end of the old generation")
        finally:
            over.set()
        answers = [answer for job in asking for answer in job.result()] + [ask_until_there("/later/1")] + [job.result() for job in slow]
        assert {status for status, _ in answers} == {200}, [answer for answer in answers if answer[0] != 200][:3]


def test_a_node_that_does_not_hold_the_channel_says_so_at_once():
    """The lease is somebody else's: what is asked here is answered 503, and asked again elsewhere."""
    server.sql("update shard_lease set owner = 'another', until = clock_timestamp() + interval '1 hour' where role = 'channel:desk'")
    status, body = until(lambda: (lambda got: got if got[0] == 503 else None)(ask("GET", "/later/1")), 60, "the loss of the channel")
    assert "another node" in body["detail"], body
    assert "Retry-After" in headers_of("/later/1", "read")
    server.sql("update shard_lease set until = clock_timestamp() where role = 'channel:desk'")
    opened()


def with_plugin(name, **more):
    """Another file under the plugin's name, by rename."""
    built = server.folder / "built.so"
    sources = [str(path) for path in (SOURCE / "tests/plugin").glob("puppet*.c")]
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "jansson"], capture_output=True, text=True, check=True).stdout.split()
    defines = ['-DPUPPET_NAME="puppet-rude"', '-DPUPPET_KIND="email"', "-DPUPPET_RUDE", *(f"-D{key}={value}" for key, value in more.items())]
    subprocess.run(["cc", "-shared", "-fPIC", "-fvisibility=hidden", "-D_GNU_SOURCE", f"-I{SOURCE}/include", *defines, "-o", built, *sources, *flags], check=True)
    built.rename(server.plugins / "puppet-rude.so")


def test_migrations_run_once_in_order_and_what_ran_must_stay():
    """The last test: the plugin's file is replaced."""
    status = json.loads(server.run("db", "status", "--json").stdout)
    assert status["plugins"] == [{"plugin": "puppet-rude", "migrations": 2, "missing": 0}], status
    with_plugin("third", PUPPET_THIRD='"create table third (id int)"')
    assert "2 of its 3 migrations are applied. Run: nurture db migrate" in server.run("db", "status").stdout
    began = len(server.log_text())
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "server.ready" in server.log_text()[began:], 60, "the new generation")
    assert server.sql("select number, name from plugin_migration order by number") == [["1", "notes"], ["2", "blobs"], ["3", "third"]]
    with_plugin("another", PUPPET_THIRD='"create table fourth (id int)"')
    refused = server.run("db", "migrate", check=False)
    assert refused.returncode == 1 and "migration 3 (third) of plugin puppet-rude has run" in refused.stderr and "another now" in refused.stderr, refused
    began = len(server.log_text())
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "reload." in server.log_text()[began:], 60, "the refusal")
    assert ask("GET", "/notes")[0] == 200 and "server.ready" not in server.log_text()[began:], server.log_text()[began:]
    with_plugin("fewer")
    refused = server.run("db", "migrate", check=False)
    assert refused.returncode == 1 and "is missing in the plugin" in refused.stderr, refused
    with_plugin("broken", PUPPET_THIRD='"create table third (id int); select 1 / 0"')
    server.sql("delete from plugin_migration where number = 3")
    server.sql('drop table "puppet-rude".third')
    refused = server.run("db", "migrate", check=False)
    assert refused.returncode == 1 and "division by zero" in refused.stderr and "migration 3" in refused.stderr, refused
    assert server.sql("select to_regclass('\"puppet-rude\".third') is null, (select count(*) from plugin_migration)") == [["t", "2"]]


if __name__ == "__main__":
    server = Server(config='channel "desk" { plugin = "puppet-rude" }')
    (server.folder / "playbook").mkdir()
    (server.folder / "playbook/playbook.lua").write_text('playbook "desk" { title = "Desk", time_zone = "UTC", language = "en", postal_address = "1 Road" }\n')
    server.plugins = server.folder / "plugins"
    server.plugins.mkdir()
    shutil.copy(BUILD / "tests/plugins/puppet-rude.so", server.plugins)
    server.conf.write_text(server.conf.read_text().replace(f"{BUILD}/plugins", f"{server.plugins}") + f'playbook = "{server.folder}/playbook"\n')
    with server:
        tokens = {scope: server.token(scope) for scope in ALLOWS} | {"forged": "nt_" + "x" * 43}
        opened()
        run_tests(globals())
