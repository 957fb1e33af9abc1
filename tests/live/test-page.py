#!/usr/bin/python3
"""The page for browsers, in Chromium: at the width of a phone and of a desk, light and dark; with the
station killed under it, itself reloaded and killed, answers lost; with codes that want to be more than
text; in three languages; without a right, and paired. It never does what its policy forbids.

Pictures go to a folder of their own with --shots FOLDER."""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import browser
import lab

GS = "\x1d"

ROWS = "Array.from(document.querySelectorAll('#list .row'))"
LIVE = "document.getElementById('connection').dataset.state === 'live'"
NOTICE = "document.getElementById('notice').textContent"
SIDEWAYS = "document.scrollingElement.scrollWidth - innerWidth"

# Of each row, newest first: its code as it is shown, and its state.
LISTED = ROWS + ".map((row) => [row.querySelector('.code').textContent, row.dataset.state])"


def until_listed(page, rows, seconds=20):
    """rows: (code, state), newest first, all of them."""
    wanted = json.dumps([list(row) for row in rows])
    try:
        page.wait("the list", "JSON.stringify(%s) === JSON.stringify(%s)" % (LISTED, wanted), seconds)
    except AssertionError as error:
        raise AssertionError("%s\nwanted %s\nthere is %s\nsays %r" % (
            error, wanted[:2000], json.dumps(page.evaluate(LISTED))[:2000], page.evaluate(NOTICE))) from None


def scan(page, code):
    """As a scanner types; GS as Ctrl and ]."""
    for character in code:
        if character == GS:
            page.press("]", browser.CTRL)
        else:
            page.press(character)
    page.press("Enter")


def stored_codes(server):
    server.wait_until_stored()
    return [row["code"] for row in server.get("/v1/scans?limit=1000")[1]["data"]]


def end(server, *pages):
    for page in pages:
        assert page.faults() == [], page.faults()
    assert server.stop() == 0


class Site:
    """A station in a folder of its own, a browser, and where its pictures go."""

    shots = None

    def __init__(self, **settings):
        self.settings = settings
        self.folder = lab.Folder()
        self.server = lab.Server(self.folder, **settings)
        self.browser = browser.Browser(self.folder)

    @property
    def url(self):
        return "http://127.0.0.1:%d/" % self.server.port

    def open(self, url=None, **options):
        return self.browser.open(url or self.url, **options)

    def restart(self, **settings):
        self.server = lab.Server(self.folder, PORT=self.server.port, **dict(self.settings, **settings))

    def shoot(self, page, name):
        page.shoot(os.path.join(self.shots or self.folder.path, name + ".png"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.__exit__()
        self.server.__exit__()
        self.folder.__exit__()


def check_looks():
    """Sent and shown, at each width, in each light; and what comes from elsewhere."""
    expected = []
    with Site() as site:
        for width, height, is_phone in ((360, 740, True), (1280, 800, False)):
            for is_dark in (False, True):
                name = "%d-%s" % (width, "dark" if is_dark else "light")
                page = site.open(width=width, height=height, is_phone=is_phone, is_dark=is_dark)
                page.wait("events", LIVE)
                until_listed(page, expected)
                if not expected:
                    page.wait("a word on it", "!document.getElementById('empty').hidden")
                    site.shoot(page, "empty-" + name)
                scan(page, "typed " + name)
                expected.insert(0, ["typed " + name, "stored"])
                until_listed(page, expected)
                assert site.server.post("/v1/scans", {"code": "posted " + name, "symbology": "QR Code"})[0] == 201
                expected.insert(0, ["posted " + name, "stored"])
                until_listed(page, expected)
                assert page.evaluate("document.activeElement.id") == "code"
                assert page.evaluate(SIDEWAYS) <= 0, page.evaluate(SIDEWAYS)
                small = page.evaluate(
                    "Array.from(document.querySelectorAll('button, summary, select, textarea'))"
                    ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.id)")
                assert small == [], small
                assert page.nameless() == [], page.nameless()
                page.click("#list .row:nth-child(2) summary")
                page.wait("what is known of it", "document.querySelectorAll('.facts dd').length >= 6")
                site.shoot(page, "list-" + name)
                page.click("#open-settings")
                site.shoot(page, "settings-" + name)
                assert page.evaluate(SIDEWAYS) <= 0
                assert page.faults() == [], page.faults()
        assert stored_codes(site.server) == [code for code, _ in reversed(expected)]
        end(site.server)


def check_keyboard():
    """What a scanner types arrives wherever the focus is, and as it is; a person's keys do what they did."""
    with Site() as site:
        page = site.open()
        page.wait("events", LIVE)
        scan(page, "0104006381333931" + GS + "21ABC")
        until_listed(page, [["0104006381333931GS21ABC", "stored"]])
        page.evaluate("document.activeElement.blur()")
        scan(page, "without focus")
        page.evaluate("document.getElementById('open-settings').focus()")
        scan(page, "4006381333931")
        # One that ends with Tab, at a scanner's pace: in one go, as the wire between is slower.
        page.evaluate("""(() => {
          const field = document.getElementById("code");
          field.focus();
          document.execCommand("insertText", false, "with a tab");
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true, cancelable: true }));
        })()""")
        page.press("Enter")  # with nothing in the field
        page.insert("two\nlines\n\n")
        page.press("Enter")
        # While words are composed, Enter is not ours.
        page.evaluate("""(() => {
          const field = document.getElementById("code");
          field.value = "composed";
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }));
        })()""")
        assert page.evaluate("document.getElementById('code').value") == "composed"
        page.click("#send")
        assert page.evaluate("document.activeElement.id") == "code"
        page.wait("all of it", ROWS + ".length === 6 && "
                  + ROWS + ".every((row) => row.dataset.state === 'stored')")
        assert stored_codes(site.server) == [
            "0104006381333931" + GS + "21ABC", "without focus", "4006381333931", "with a tab", "two\nlines",
            "composed"]
        # A person goes on with Tab, and opens a row with the space bar.
        page.wait("a pause", "new Promise((done) => setTimeout(() => done(true), 100))")
        for expected in ("BUTTON", "SUMMARY"):
            page.press("Tab")
            assert page.evaluate("document.activeElement.tagName") == expected
        page.press(" ")
        page.wait("an open row", ROWS + "[0].querySelector('details').open")
        end(site.server, page)


def check_outage():
    """Typed while the station is away: each arrives once, in order, whatever is done to the page."""
    codes = ["away %d" % i + (GS + "tail" if i % 5 == 0 else "") for i in range(12)]
    shown = [code.replace(GS, "GS") for code in codes]
    with Site() as site:
        page = site.open(width=360, height=740, is_phone=True)
        page.wait("events", LIVE)
        scan(page, "before")
        until_listed(page, [["before", "stored"]])

        site.server.kill()
        for code in codes[:4]:
            scan(page, code)
        until_listed(page, [*([code, "waiting"] for code in shown[3::-1]), ["before", "stored"]])
        page.wait("a word on it", NOTICE + ".includes('4 codes are waiting')")
        site.shoot(page, "away")
        site.restart()
        page.wait("events", LIVE)
        until_listed(page, [*([code, "stored"] for code in shown[3::-1]), ["before", "stored"]])
        page.wait("silence", NOTICE + " === ''")

        # The page goes, and comes while the station is still away; then the browser is killed, too.
        site.server.kill()
        for code in codes[4:8]:
            scan(page, code)
        page.wait("the outbox", ROWS + ".filter((row) => row.dataset.state === 'waiting').length === 4")
        page.reload()
        page.wait("no page", "document.getElementById('list') === null")
        site.restart()
        page.go(site.url)
        until_listed(page, [*([code, "stored"] for code in shown[7::-1]), ["before", "stored"]])
        site.server.kill()
        for code in codes[8:]:
            scan(page, code)
        page.wait("the outbox", ROWS + ".filter((row) => row.dataset.state === 'waiting').length === 4")
        faults = page.faults()
        assert faults == [], faults
        site.browser.kill()
        site.restart()
        site.browser = browser.Browser(site.folder)
        page = site.open()
        until_listed(page, [*([code, "stored"] for code in shown[::-1]), ["before", "stored"]])

        rows = site.server.get("/v1/scans")[1]["data"]
        assert [row["code"] for row in rows] == ["before", *codes], rows
        assert len({row["key"] for row in rows}) == len(rows), rows
        assert all(row["scanned_at"] < row["stored_at"] for row in rows), rows
        end(site.server, page)


class Swallower:
    """Between the page and the station: passes all on, but loses the first answers to POST."""

    def __init__(self, port, losses):
        self.server, self.losses, self.lost = port, losses, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client = self.listener.accept()[0]
            server = socket.create_connection(("127.0.0.1", self.server))
            state = {"is_post": False}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, target, source is client, state),
                                 daemon=True).start()

    def copy(self, source, target, is_request, state):
        try:
            while data := source.recv(65536):
                if is_request and data.startswith((b"POST", b"GET")):
                    state["is_post"] = data.startswith(b"POST")
                if not is_request and state["is_post"] and self.lost < self.losses:
                    self.lost += 1
                    break
                target.sendall(data)
        except OSError:
            pass
        for end_point in (source, target):
            try:
                end_point.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def check_lost_answers():
    """What the station took and could not say so is sent again, and taken once."""
    with Site() as site:
        proxy = Swallower(site.server.port, 3)
        first, second = (site.open("http://127.0.0.1:%d/" % proxy.port) for _ in range(2))
        for page in (first, second):
            page.wait("events", LIVE)
        for i in range(6):
            scan(first if i % 2 else second, "answer %d" % i)
        for page in (first, second):
            page.wait("all of it", ROWS + ".length === 6 && "
                      + ROWS + ".every((row) => row.dataset.state === 'stored')", 40)
        assert proxy.lost == 3
        assert sorted(stored_codes(site.server)) == ["answer %d" % i for i in range(6)]
        end(site.server, first, second)


HOSTILE = [
    "<img src=x onerror=\"document.title='broken'\">",
    "</script><script>document.title='broken'</script>",
    "<svg onload=alert(1)>&amp;&#60;b&#62;",
    "{count} {message} ${alert(1)} %s",
    "javascript:alert(1)",
    "שלום 123 abc",
    "👩‍👩‍👧‍👦 🇧🇷 👍🏽",
    "  blanks  around  ",
    "\U0001d51f\u0301\u0327 汉字 ｆｕｌｌ",
    "9" * 7089,
]

# What can't be seen is seen: it is shown by its name.
SIGNS = [
    ("a\u202egpj.exe", "aU+202Egpj.exe"),
    ("a\u200bb\ufeffc", "aU+200BbU+FEFFc"),
    ("\t\r\n\x1b\x7f\x80|", "TABCRLFESCDELU+0080|"),
]


def check_hostile():
    with Site() as site:
        for code in [*HOSTILE, *(code for code, _ in SIGNS)]:
            assert site.server.post("/v1/scans", {"code": code, "symbology": code[:64], "device": code[:64]})[0] == 201
        site.server.wait_until_stored()
        wanted = [code for code in HOSTILE] + [shown for _, shown in SIGNS]
        page = site.open(width=360, height=740, is_phone=True)
        until_listed(page, [[code, "stored"] for code in reversed(wanted)])
        page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
        page.wait("what is known of them", "document.querySelectorAll('.facts').length === %d" % len(wanted))
        assert page.evaluate(
            "document.querySelectorAll('#list img, #list script, #list svg, #list b, #list a').length") == 0
        assert page.evaluate("document.title") == "Bipe"
        # Nowhere: neither in a device's name, nor in what is known of a scan.
        assert page.evaluate("/[\\u0000-\\u001f\\u007f-\\u009f\\u200b\\u202a-\\u202e\\ufeff]/"
                             ".exec(document.getElementById('list').textContent)") is None
        assert page.evaluate(SIDEWAYS) <= 0, page.evaluate(SIDEWAYS)
        page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = false)")
        page.evaluate("scrollTo(0, 0)")
        site.shoot(page, "hostile")

        # The same by the field; and one more character is too much, and stays there.
        n = len(wanted)
        for code in HOSTILE:
            page.insert(code)
            page.press("Enter")
        page.wait("all of it", ROWS + ".length === %d && " % (n + len(HOSTILE))
                  + ROWS + ".every((row) => row.dataset.state === 'stored')")
        page.insert("8" * 7090)
        page.press("Enter")
        page.wait("why", "document.getElementById('hint').textContent.includes('7,090')")
        assert len(page.evaluate("document.getElementById('code').value")) == 7090
        assert stored_codes(site.server)[n:] == HOSTILE
        end(site.server, page)


def check_history():
    """Older ones come as the reader gets there, and new ones do not move him."""
    with Site() as site:
        for start in range(0, 450, 150):
            assert site.server.post("/v1/scans", [{"code": "%04d" % i} for i in range(start, start + 150)])[0] == 201
        site.server.wait_until_stored()
        page = site.open(width=360, height=740, is_phone=True)
        page.wait("the first page", ROWS + ".length >= 100")
        assert page.evaluate(ROWS + ".length") < 450
        page.wait("all of it", "(scrollTo(0, document.body.scrollHeight), %s.length === 450)" % ROWS)
        assert page.evaluate(LISTED) == [["%04d" % i, "stored"] for i in reversed(range(450))]
        assert page.evaluate("document.getElementById('older').hidden")

        page.evaluate("scrollTo(0, 3000)")
        place = "(() => { const e = document.elementFromPoint(180, 400).closest('.row');" \
                " return [e.querySelector('.code').textContent, Math.round(e.getBoundingClientRect().top)]; })()"
        before = page.evaluate(place)
        for i in range(3):
            assert site.server.post("/v1/scans", {"code": "new %d" % i})[0] == 201
        page.wait("a word on it", "document.getElementById('newer').textContent === '3 new scans'")
        page.wait("their storing", ROWS + "[0].dataset.state === 'stored'")
        assert page.evaluate(place) == before, (page.evaluate(place), before)
        site.shoot(page, "newer")
        page.click("#newer")
        page.wait("the top", "scrollY === 0 && document.getElementById('newer').hidden")
        assert page.evaluate(LISTED)[:3] == [["new %d" % i, "stored"] for i in (2, 1, 0)]

        # A page that is open for days has no list without an end; and the end can still be reached.
        for start in range(0, 2000, 1000):
            codes = [{"code": "late %04d" % i} for i in range(start, start + 1000)]
            assert site.server.post("/v1/scans", codes)[0] == 201
        page.wait("the newest", LISTED + "[0].join() === 'late 1999,stored' && " + ROWS + ".length === 2000", 60)
        page.wait("the oldest", "(scrollTo(0, document.body.scrollHeight), "
                  + ROWS + ".at(-1).querySelector('.code').textContent === '0000')", 60)
        assert page.evaluate(ROWS + ".map((row) => row.querySelector('.code').textContent)") == [
            *("late %04d" % i for i in reversed(range(2000))), *("new %d" % i for i in (2, 1, 0)),
            *("%04d" % i for i in reversed(range(450)))]
        page.evaluate("scrollTo(0, 0)")

        # Voided elsewhere, with a right that this page does not have.
        jti = give(site, "admin", "void")
        uuid = site.server.get("/v1/scans?order=desc&limit=1")[1]["data"][0]["uuid"]
        assert site.server.request("DELETE", "/v1/scans/" + uuid, '{"reason":"dropped <b>"}', bearer(jti))[0] == 200
        page.wait("the voiding", ROWS + "[0].dataset.state === 'voided'")
        assert page.evaluate("document.querySelector('.reason').textContent") == "dropped <b>"
        end(site.server, page)


def give(site, name, scopes, days="1"):
    done = subprocess.run(
        [lab.SERVER, "token", "new", name, "--scopes", scopes, "--days", days], check=True, text=True,
        env=site.folder.environment(BIPE_DATA_DIR=site.folder.join("data")),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return done.stdout.strip()


def bearer(token):
    return {"Authorization": "Bearer " + token, "Content-Type": "application/json"}


def check_refusals():
    """What the station does not take, and why, in words; and those behind it are not held up."""
    with Site(BIPE_QUEUE_LIMIT="2", BIPE_QUEUE_MODE="review") as site:
        page = site.open()
        page.wait("events", LIVE)
        # Half of a character: no text that could be sent.
        page.evaluate("document.getElementById('code').value = 'half \\ud800'")
        page.press("Enter")
        for code in ("one", "two", "three"):
            scan(page, code)
        half = ["half \ud800", "refused"]
        page.wait("a refusal", "document.querySelector('[data-state=refused] .reason') !== null")
        page.wait("a word on it", NOTICE + ".includes('can’t keep scans right now')")
        page.wait("one that waits", ROWS + "[0].dataset.state === 'waiting'")
        assert "1 code is waiting." in page.evaluate(NOTICE)
        states = [state for _, state in page.evaluate(LISTED)]
        assert states == ["waiting", "queued", "queued", "refused"], states
        site.shoot(page, "refused")
        page.reload()
        page.wait("what was refused", "document.querySelectorAll('[data-state=refused]').length === 1")
        assert page.nameless() == [], page.nameless()
        page.click("[data-state=refused] .verbs button:last-child")
        page.wait("its end", "document.querySelectorAll('[data-state=refused]').length === 0")
        page.wait("one that waits", "document.querySelectorAll('[data-state=waiting]').length === 1")
        assert site.server.post("/v1/queue/release", {"all": True})[0] == 200
        page.wait("the third", ROWS + ".length === 3 && " + ROWS + "[0].dataset.state === 'queued'", 40)
        page.wait("silence", NOTICE + " === ''")
        end(site.server, page)


def check_tokens():
    """Without a token it says how to get one; when one is taken back, what waits is kept for the next."""
    with Site(BIPE_LOOPBACK_WITHOUT_TOKEN="off") as site:
        page = site.open(width=360, height=740, is_phone=True)
        page.wait("how to pair", "!document.getElementById('pairing').hidden")
        assert page.evaluate("document.getElementById('field').hidden")
        assert page.evaluate("document.getElementById('connection').textContent.trim()") == "Not paired"
        site.shoot(page, "explained")
        page.click("#pair-link")
        page.insert("https://example.com/#pair=12")
        page.press("Enter")
        page.wait("why not", "document.querySelector('#pairing .warning') !== null")

        adopt = "(localStorage.setItem('bipe.name', 'till 2'), localStorage.setItem('bipe.token', '%s'))"
        first = give(site, "till 2", "scan,read")
        page.evaluate(adopt % first)
        page.reload()
        page.wait("events", LIVE)
        scan(page, "with the first")
        until_listed(page, [["with the first", "stored"]])

        jti = [t for t in json.loads(site.server.request(
            "GET", "/v1/tokens", None, bearer(give(site, "boss", "admin")))[1])["data"] if t["name"] == "till 2"]
        assert site.server.request("DELETE", "/v1/tokens/" + jti[0]["jti"], None,
                                   bearer(give(site, "boss", "admin")))[0] == 200
        page.wait("a word on it", NOTICE + ".includes('taken back')")
        scan(page, "between")
        page.wait("one that waits", NOTICE + ".includes('1 code is waiting')")
        site.shoot(page, "revoked")

        # Another tab is paired: this one hears of it, and nobody has to do anything.
        other = site.open()
        other.evaluate(adopt % give(site, "till 3", "scan,read"))
        page.wait("events", LIVE)
        until_listed(page, [["between", "stored"], ["with the first", "stored"]])
        rows = json.loads(site.server.request("GET", "/v1/scans", None, bearer(give(site, "x", "read")))[1])["data"]
        assert [row["operator"] for row in rows] == ["till 2", "till 3"], rows

        # It may send and not see; see and not send.
        page.evaluate(adopt % give(site, "till 4", "scan"))
        page.reload()
        page.wait("a word on it", NOTICE + ".includes('may not see')")
        scan(page, "unseen")
        page.wait("its being sent", ROWS + ".length === 1 && " + ROWS + "[0].dataset.state === 'queued'")
        page.evaluate(adopt % give(site, "till 5", "read"))
        page.reload()
        page.wait("events", LIVE)
        scan(page, "unsent")
        page.wait("a word on it", NOTICE + ".includes('may not send') && " + NOTICE + ".includes('1 code')")

        # Forgotten, with what still waits.
        page.click("#open-settings")
        page.click("#forget")
        assert "1 code that was not sent yet" in page.evaluate("document.getElementById('forget-question').textContent")
        page.click("#forget-confirm")
        page.wait("how to pair", "!document.getElementById('pairing').hidden")
        assert page.evaluate("localStorage.getItem('bipe.token')") is None
        page.wait("an empty list", ROWS + ".every((row) => row.dataset.state === 'waiting')")
        assert first not in site.server.read_log()
        end(site.server, page, other)


def check_languages():
    with Site() as site:
        for languages, tag, send, empty in (
            ("pt-PT,pt,en", "pt-BR", "Enviar", "Nenhuma leitura ainda"),
            ("de-DE,zh-TW,en", "zh-CN", "发送", "还没有扫描记录"),
            ("de-DE,fr", "en", "Send", "No scans yet"),
        ):
            page = site.open(languages=languages, width=360, height=740, is_phone=True)
            page.wait("events", LIVE)
            assert page.evaluate("document.documentElement.lang") == tag
            assert page.evaluate("document.getElementById('send').textContent") == send
            page.wait("its words", "document.getElementById('empty').textContent.startsWith('%s')" % empty)
            assert page.evaluate(SIDEWAYS) <= 0
            assert page.faults() == [], page.faults()
        # Chosen: without a reload, with what is in the field, and for good.
        page.insert("half typed")
        page.evaluate("(() => { const e = document.getElementById('language'); e.value = 'pt-BR';"
                      " e.dispatchEvent(new Event('change')); })()")
        page.wait("its words", "document.getElementById('send').textContent === 'Enviar'")
        assert page.evaluate("document.getElementById('code').value") == "half typed"
        page.press("Enter")
        page.wait("a row", "document.querySelector('.state')?.textContent === 'Gravada'")
        site.shoot(page, "portuguese")
        page.reload()
        page.wait("its words", "document.getElementById('send').textContent === 'Enviar'")
        page.evaluate("localStorage.setItem('bipe.language', 'zh-CN')")
        page.reload()
        page.wait("a row", "document.querySelector('.state')?.textContent === '已入库'")
        site.shoot(page, "chinese")
        page.evaluate("localStorage.setItem('bipe.language', 'toString')")
        page.reload()
        page.wait("its words", "document.getElementById('send').textContent === 'Send'")
        end(site.server, page)


def digits_of(code, nonce, fingerprint):
    digest = hmac.new(bytes.fromhex(code), bytes.fromhex(nonce + fingerprint), hashlib.sha256).digest()
    offset = digest[-1] & 15
    return "%06d" % ((int.from_bytes(digest[offset:offset + 4], "big") & 0x7fffffff) % 1000000)


class Operator:
    """Who has a code shown, and says who comes in."""

    def __init__(self, site):
        self.server, self.token = site.server, give(site, "operator", "admin")

    def call(self, method, path, value=None):
        status, body = self.server.request(
            method, path, None if value is None else json.dumps(value), bearer(self.token))
        return status, json.loads(body)

    def offer(self):
        status, answer = self.call("POST", "/v1/pairing")
        assert status == 201, answer
        return answer["data"]["links"]

    def await_device(self):
        status, answer = self.call("GET", "/v1/pairing")
        assert status == 200, answer
        return answer["data"]

    def approve(self, digits, name, scopes):
        status, answer = self.call(
            "POST", "/v1/pairing/approve", {"digits": digits, "name": name, "scopes": scopes, "days": 1})
        assert status == 200, answer


def open_stranger(site, link, **options):
    """As a person does who is told that the certificate is nobody's, and goes on."""
    page = site.open(link, **options)
    page.wait("the warning", "document.getElementById('proceed-link') !== null")
    page.evaluate("document.getElementById('details-button').click(), document.getElementById('proceed-link').click()")
    page.wait("the page", "document.getElementById('pairing') !== null && !document.getElementById('page').hidden")
    return page


def check_pairing():
    with Site(BIPE_TLS="on", BIPE_LOOPBACK_WITHOUT_TOKEN="off") as site:
        operator = Operator(site)
        link = next(link for link in operator.offer() if "127.0.0.1" in link or "localhost" in link)
        page = open_stranger(site, link, width=360, height=740, is_phone=True)
        assert page.evaluate("isSecureContext")
        assert "pair=" not in page.evaluate("location.href + history.length")
        assert page.evaluate("document.getElementById('pair-name').value") == "Android phone"
        assert page.nameless() == [], page.nameless()
        site.shoot(page, "name")
        page.evaluate("document.getElementById('pair-name').select()")
        page.insert("Ana’s <phone>")
        page.press("Enter")
        asked = operator.await_device()
        page.wait("the digits", "document.querySelector('.digits') !== null")
        assert asked["name"] == "Ana’s <phone>", asked
        assert page.evaluate("document.querySelector('.digits').textContent") == asked["digits"], asked
        site.shoot(page, "digits")
        page.set_style(True)
        site.shoot(page, "digits-dark")
        operator.approve(asked["digits"], "gate 7", ["scan", "read"])
        page.wait("events", LIVE)
        page.wait("a word on it", NOTICE + ".includes('gate 7')")
        site.shoot(page, "paired")
        scan(page, "by the phone")
        until_listed(page, [["by the phone", "stored"]])
        rows = json.loads(site.server.request("GET", "/v1/scans", None, bearer(give(site, "x", "read")))[1])["data"]
        assert [(row["operator"], row["device"]) for row in rows] == [("gate 7", "gate 7")], rows
        assert page.evaluate("localStorage.getItem('bipe.token')") not in site.server.read_log()
        page.click("#open-settings")
        site.shoot(page, "settings-paired")
        assert page.evaluate("document.getElementById('device-name').textContent") == "gate 7"
        page.press("Escape")

        # Refused; and the code is used up. The page is open already, and what waits there is kept.
        link = next(other for other in operator.offer() if other.startswith(link.split("#")[0]))
        page.evaluate("location.hash = %s" % json.dumps(link[link.index("#"):]))
        page.wait("its name", "document.getElementById('pair-name')?.value === 'gate 7'")
        page.press("Enter")
        page.evaluate("document.querySelector('#pairing form').requestSubmit()")
        assert operator.await_device()["name"] == "gate 7"
        assert operator.call("DELETE", "/v1/pairing")[0] == 200
        page.wait("why", "document.querySelector('#pairing .warning') !== null", 40)
        site.shoot(page, "pairing-refused")
        page.click("#pairing .buttons button")
        page.wait("its end", "document.getElementById('pairing').hidden")
        until_listed(page, [["by the phone", "stored"]])
        end(site.server, page)


def check_pairing_in_vain():
    """Where nobody is paired and nobody has to be: what was said stays until it is read."""
    with Site() as site:
        page = site.open(site.url + "#pair=%s&fp=%s" % ("a" * 32, "b" * 64))
        page.wait("a name", "document.getElementById('pair-name') !== null")
        page.evaluate("document.querySelector('#pairing form').requestSubmit()")
        page.wait("why not", "document.querySelector('#pairing .warning') !== null")
        page.wait("events", LIVE)
        page.wait("a pause", "new Promise((done) => setTimeout(() => done(true), 500))")
        assert page.evaluate("document.getElementById('pairing').checkVisibility()")
        page.click("#pairing .buttons button")
        page.wait("the field", "document.getElementById('field').checkVisibility()")
        scan(page, "after all")
        until_listed(page, [["after all", "stored"]])
        end(site.server, page)


def check_serving():
    """Only what is listed, known again by its tag, and under a policy."""
    with lab.Folder() as folder, lab.Server(folder) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        def ask(path, method="GET", **headers):
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()

        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/web")
        for name in os.listdir(source):
            path = "/" if name == "index.html" else "/web/" + name
            answer, body = ask(path)
            if name == "web.gresource.xml":
                assert answer.status == 404
                continue
            assert answer.status == 200, path
            with open(os.path.join(source, name), "rb") as file:
                assert file.read() == body, path
            policy = answer.getheader("Content-Security-Policy")
            assert "default-src 'none'" in policy and "unsafe" not in policy, policy
            assert answer.getheader("X-Content-Type-Options") == "nosniff"
            assert answer.getheader("Referrer-Policy") == "no-referrer"
            assert "camera=()" in answer.getheader("Permissions-Policy")
            assert answer.getheader("Cache-Control") == "no-cache"
            tag = answer.getheader("ETag")
            again, body = ask(path, If_None_Match='"other", W/' + tag)
            assert (again.status, body, again.getheader("ETag")) == (304, b"", tag), path
            assert again.getheader("Content-Security-Policy") == policy
            assert ask(path, If_None_Match='"other"')[0].status == 200
            head, body = ask(path, "HEAD")
            assert (head.status, body) == (200, b""), path
        for path in ("/web/", "/web/none.js", "/web/index.html", "/web/..%2findex.html", "/web/%2e%2e/index.html",
                     "/web/../index.html", "/web/style.css/", "/web/style.css%00", "/index.html", "//"):
            assert ask(path)[0].status in (400, 404), path
        assert ask("/", "POST")[0].status == 405
        assert server.stop() == 0


CHECKS = [check_serving, check_looks, check_keyboard, check_outage, check_lost_answers, check_hostile,
          check_history, check_refusals, check_tokens, check_languages, check_pairing, check_pairing_in_vain]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", help="a folder for the pictures")
    parser.add_argument("checks", nargs="*", help="by name; without: all")
    arguments = parser.parse_args()
    Site.shots = arguments.shots
    if Site.shots:
        os.makedirs(Site.shots, exist_ok=True)
    for check in CHECKS:
        if arguments.checks and check.__name__[6:] not in arguments.checks:
            continue
        if check != check_serving and shutil.which("chromium") is None:
            print("there is no chromium")
            sys.exit(browser.SKIPPED)
        started = time.monotonic()
        check()
        print("%s: %.1f s" % (check.__name__[6:], time.monotonic() - started), flush=True)


main()
