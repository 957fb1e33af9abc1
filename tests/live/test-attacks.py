#!/usr/bin/python3
"""What an attacker sends, and what comes back: a table whose rows are tests, which is printed. Against
one station that asks everybody for a token, one that serves this machine without, and one with TLS."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import lab
from lab import Folder, Server
from phone import Desk, Phone

EVIL = "https://evil.example"
ALL = ["scan", "read", "collect", "speech", "void", "admin"]
JTI = "0190a0b0-0000-4000-8000-000000000001"

rows = []


class Answer:
    def __init__(self, raw):
        self.raw = raw
        self.head, _, self.body = raw.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1]) if raw.startswith(b"HTTP/1.1 ") else 0
        try:
            value = json.loads(self.body)
            self.code = value.get("error_code", 0) if isinstance(value, dict) else 0
        except ValueError:
            self.code = 0

    def __str__(self):
        return "%d%s" % (self.status, ", %d" % self.code if self.code else "")


def talk(port, data, host="127.0.0.1", tls=False):
    """All that comes back for these bytes. Who is cut off in the middle of sending may lose it."""
    sock = socket.create_connection((host, port), timeout=60)
    if tls:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        sock = context.wrap_socket(sock)
    raw = b""
    with sock:
        try:
            sock.sendall(data)
            while chunk := sock.recv(65536):
                raw += chunk
        except ConnectionError:
            pass
    return Answer(raw)


def ask(port, method, path, headers=(), body=None, **more):
    headers = list(headers)
    names = [name.lower() for name, _ in headers]
    if "host" not in names:
        headers.insert(0, ("Host", "127.0.0.1:%d" % port))
    if body is not None and "content-type" not in names:
        headers.append(("Content-Type", "application/json"))
    if body is not None:
        body = body if isinstance(body, bytes) else body.encode()
        headers.append(("Content-Length", str(len(body))))
    headers.append(("Connection", "close"))
    lines = ["%s %s HTTP/1.1" % (method, path)] + ["%s: %s" % header for header in headers]
    return talk(port, "\r\n".join(lines + ["", ""]).encode("latin-1") + (body or b""), **more)


def row(group, name, expected, answer):
    """expected: (status, error_code), or several such."""
    expected = [expected] if isinstance(expected, tuple) else expected
    found = (answer.status, answer.code)
    is_good = found in expected and (answer.status < 400 or answer.code != 0)
    rows.append((group, name, str(answer), is_good))
    if not is_good:
        print("NOT OK: %s: %s: %s instead of %s: %r" % (
            group, name, answer, expected, answer.raw[-600:]), flush=True)


def fact(group, name, came, is_good):
    rows.append((group, name, came, bool(is_good)))
    if not is_good:
        print("NOT OK: %s: %s: %s" % (group, name, came), flush=True)


def bearer(token):
    return [("Authorization", "Bearer " + token)]


def give(folder, data, name, scopes, *more):
    done = subprocess.run(
        [lab.SERVER, "token", "new", name, "--scopes=" + ",".join(scopes), *more],
        env=folder.environment(BIPE_DATA_DIR=folder.join(data)), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=True,
    )
    return done.stdout.strip(), done.stderr.split("\t")[0]


# Tokens.

def encode(data):
    data = json.dumps(data).encode() if isinstance(data, dict) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def sign(header, claims, key, digest=hashlib.sha256):
    text = encode(header) + "." + encode(claims)
    return text + "." + encode(hmac.new(key, text.encode(), digest).digest())


def make_public_key(folder):
    path = folder.join("rsa.key")
    subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    signer = lambda text: subprocess.run(["openssl", "dgst", "-sha256", "-sign", path], input=text,
                                         stdout=subprocess.PIPE, check=True).stdout
    return public, signer


def make_tokens(folder, key, valid, revoked, foreign):
    """Name, token, error_code. key: the station's own."""
    now = int(time.time())
    claims = {"sub": "x", "scopes": ALL, "iat": now - 10, "exp": now + 3600, "jti": JTI}
    good = json.loads(decode(valid.split(".")[1]))
    head, body, signature = valid.split(".")
    hs256 = {"typ": "JWT", "alg": "HS256"}
    public, sign_rsa = make_public_key(folder)
    other = os.urandom(32)
    rs_text = encode({"typ": "JWT", "alg": "RS256"}) + "." + encode(claims)
    jwk = {"kty": "oct", "k": encode(other)}
    yield "garbage", "garbage", 10031
    yield "two dots and nothing", "..", 10031
    yield "forged: signed with another key", sign(hs256, claims, other), 10031
    yield "forged: signed with an empty key", sign(hs256, claims, b""), 10031
    yield "forged: signed with zeros", sign(hs256, claims, bytes(32)), 10031
    yield "another station's", foreign, 10031
    yield "more scopes written in", head + "." + encode(dict(good, scopes=ALL)) + "." + signature, 10031
    yield "another jti written in", head + "." + encode(dict(good, jti=JTI)) + "." + signature, 10031
    yield "signature cut", valid[:-1], 10031
    yield "signature with spare bits set", valid[:-1] + chr(ord(valid[-1]) ^ 1), 10031
    yield "expired", sign(hs256, dict(claims, iat=now - 100, exp=now - 1), key), 10032
    yield "expired, and forged", sign(hs256, dict(claims, exp=now - 1), other), 10031
    yield "revoked", revoked, 10031
    yield "good signature, in no list", sign(hs256, claims, key), 10031
    yield "without exp", sign(hs256, {n: v for n, v in claims.items() if n != "exp"}, key), 10031
    yield "exp as a text", sign(hs256, dict(claims, exp="9999999999"), key), 10031
    yield "exp over 64 bits", sign(hs256, b'{"sub":"x","scopes":["admin"],"iat":1,"exp":1e30,"jti":"'
                                   + JTI.encode() + b'"}', key), 10031
    yield "the program's own jti, for a year", sign(
        hs256, dict(claims, jti="own", scopes=["admin"], exp=now + 365 * 86400), key), 10031
    for algorithm in ("none", "None", "NONE", "nOnE"):
        header = {"typ": "JWT", "alg": algorithm}
        yield "alg=%s, no signature" % algorithm, encode(header) + "." + encode(claims) + ".", 10031
        yield "alg=%s, signed all the same" % algorithm, sign(header, good, key), 10031
    yield "no alg", sign({"typ": "JWT"}, good, key), 10031
    yield "RS256, by HMAC with the public key", sign({"alg": "RS256"}, claims, public), 10031
    yield "HS256, by HMAC with the public key", sign(hs256, claims, public), 10031
    yield "RS256, by its private key", rs_text + "." + encode(sign_rsa(rs_text.encode())), 10031
    yield "RS256, by HMAC with our key", sign({"alg": "RS256"}, good, key), 10031
    yield "HS512, by our key", sign({"alg": "HS512"}, good, key, hashlib.sha512), 10031
    yield "hs256 in small letters, by our key", sign({"alg": "hs256"}, good, key), 10031
    yield "kid: a file with known content", sign(dict(hs256, kid="/dev/null"), claims, b""), 10031
    yield "kid: SQL", sign(dict(hs256, kid="x' UNION SELECT 'k'--"), claims, b"k"), 10031
    yield "jku: the attacker's server", sign(dict(hs256, jku=EVIL + "/keys"), claims, other), 10031
    yield "x5u: the attacker's server", sign(dict(hs256, x5u=EVIL + "/cert"), claims, other), 10031
    yield "jwk: the attacker's own key", sign(dict(hs256, jwk=jwk), claims, other), 10031
    yield "5,000 bytes", "e" * 5000, 10031


def attack_tokens(folder, server):
    port = server.port
    with open(folder.join("closed/secret.key"), "rb") as file:
        key = file.read()
    valid, _ = give(folder, "closed", "valid", ["read"])
    revoked, jti = give(folder, "closed", "revoked", ALL)
    foreign, _ = give(folder, "elsewhere", "foreign", ALL)
    subprocess.run([lab.SERVER, "token", "revoke", jti], check=True, stderr=subprocess.DEVNULL,
                   env=folder.environment(BIPE_DATA_DIR=folder.join("closed")))
    row("token", "(a valid one)", (200, 0), ask(port, "GET", "/v1/queue", bearer(valid)))
    row("token", "none", (401, 1003), ask(port, "GET", "/v1/queue"))
    for name, token, code in make_tokens(folder, key, valid, revoked, foreign):
        row("token", name, (401, code), ask(port, "GET", "/v1/queue", bearer(token)))
        row("token", name + ", in the query of a stream", (401, code),
            ask(port, "GET", "/v1/events?token=" + token, [("Accept", "text/event-stream")]))
        found = connect_socketio(port, "/", token)
        fact("token", name + ", to Socket.IO", found, found == str(code))
    for name, headers, path, expected in (
        ("valid, in two headers", bearer(valid) + bearer(valid), "/v1/queue", (401, 10031)),
        ("valid, as Basic", [("Authorization", "Basic " + valid)], "/v1/queue", (401, 10031)),
        ("valid, in the query of a plain GET", [], "/v1/queue?token=" + valid, (401, 1003)),
        ("valid, in a cookie", [("Cookie", "token=" + valid)], "/v1/queue", (401, 1003)),
        ("valid, in the query, and a wrong one ahead", [("Accept", "text/event-stream")],
         "/v1/events?token=x&token=" + valid, (401, 10031)),
    ):
        row("token", name, expected, ask(port, "GET", path, headers))
    return [valid, revoked, foreign]


# Socket.IO, by long-polling.

def connect_socketio(port, namespace, token=None):
    """"in", or the error_code that it is refused with."""
    base = "/socket.io/?EIO=4&transport=polling"
    opened = ask(port, "GET", base)
    sid = json.loads(opened.body[1:])["sid"]
    space = "" if namespace == "/" else namespace + ","
    packet = "40" + space + json.dumps({} if token is None else {"token": token})
    ask(port, "POST", base + "&sid=" + sid, [("Content-Type", "text/plain")], packet)
    answer = ask(port, "GET", base + "&sid=" + sid).body.decode()
    assert answer[:2] in ("40", "44"), answer
    return "in" if answer[1] == "0" else str(json.loads(answer[2 + len(space):])["data"]["error_code"])


# Scopes.

def list_routes(port):
    """Method, path with something in the place of its variable, scope: as the API's document has it."""
    document = json.loads(ask(port, "GET", "/v1/openapi.json").body)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation["x-scope"]


def fill(path, value):
    start, end = path.find("{"), path.find("}")
    return path if start < 0 else path[:start] + value + path[end + 1:]


def attack_scopes(folder, server, routes):
    port = server.port
    tokens = {scope: give(folder, "closed", "all but " + scope, [s for s in ALL if s != scope])[0]
              for scope in ALL}
    for method, path, scope in routes:
        name = "%s %s" % (method, path)
        target = fill(path, "1")
        if scope == "none":
            answer = ask(port, method, target)
            fact("scope", name + ", which needs none, without a token", str(answer),
                 answer.code not in (1003,))
            continue
        row("scope", name + " without a token", (401, 1003), ask(port, method, target))
        row("scope", name + " with all but " + scope, (403, 1004),
            ask(port, method, target, bearer(tokens[scope])))
    for namespace, scope in (("/", "scan"), ("/events", "read")):
        for name, token, expected in (("without a token", None, "1003"),
                                      ("with all but " + scope, tokens[scope], "1004")):
            found = connect_socketio(port, namespace, token)
            fact("scope", "Socket.IO %s %s" % (namespace, name), found, found == expected)
        found = connect_socketio(port, namespace, tokens["void"])
        fact("scope", "(Socket.IO %s with %s)" % (namespace, scope), found, found == "in")
    return list(tokens.values())


# Browsers.

FORMS = (
    ("text/plain", '{"code":"forged","x":"="}'),
    ("application/x-www-form-urlencoded", "code=forged"),
    ("multipart/form-data; boundary=x",
     '--x\r\nContent-Disposition: form-data; name="code"\r\n\r\nforged\r\n--x--\r\n'),
)


def upgrade(extra):
    return extra + [("Upgrade", "websocket"), ("Connection", "Upgrade"),
                    ("Sec-WebSocket-Version", "13"),
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


def attack_browsers(server, routes):
    """This machine is served without a token: what a page in its browser could do with that."""
    port = server.port
    assert server.post("/v1/scans", {"code": "waiting"})[0] == 201
    server.wait_until_stored()
    before = server.get("/v1/scans")[1]["data"], server.get("/v1/queue")[1]["data"]
    for name, headers, expected in (
        ("Origin of another site", [("Origin", EVIL)], (403, 1004)),
        ("Origin null", [("Origin", "null")], (403, 1004)),
        ("Origin that begins as an allowed one", [("Origin", "http://localhost.evil.example")],
         (403, 1004)),
        ("Origin with an allowed one as its user", [("Origin", "http://localhost@evil.example")],
         (403, 1004)),
        ("two Origins, one allowed", [("Origin", "http://localhost"), ("Origin", EVIL)], (403, 1004)),
        ("Sec-Fetch-Site: cross-site", [("Sec-Fetch-Site", "cross-site")], (403, 1004)),
        ("Host of another site (DNS rebinding)", [("Host", "evil.example")], (421, 1007)),
        ("Host of another site with our port", [("Host", "evil.example:%d" % port)], (421, 1007)),
        ("rebinding, with its own Origin",
         [("Host", "evil.example"), ("Origin", "http://evil.example")], (421, 1007)),
        ("Host that begins as ours", [("Host", "127.0.0.1.evil.example")], (421, 1007)),
        ("Host that ends as ours", [("Host", "evil-localhost")], (421, 1007)),
        ("Host with ours as its user", [("Host", "localhost@evil.example")], [(421, 1007), (400, 1001)]),
        ("two Hosts", [("Host", "localhost"), ("Host", "evil.example")], (400, 1001)),
        ("an empty Host", [("Host", "")], (400, 1001)),
    ):
        for path in ("/v1/scans", "/v1/events", "/socket.io/?EIO=4&transport=polling", "/metrics"):
            row("browser", "%s: GET %s" % (name, path), expected, ask(port, "GET", path, headers))
        row("browser", name + ": WebSocket of events", expected,
            ask(port, "GET", "/v1/events", upgrade(headers)))
        row("browser", name + ": WebSocket of Socket.IO", expected,
            ask(port, "GET", "/socket.io/?EIO=4&transport=websocket", upgrade(headers)))
    row("browser", "an absolute address elsewhere", (400, 1001),
        ask(port, "GET", "http://evil.example/v1/scans"))
    for method, path, _ in routes:
        if method == "GET":
            continue
        for kind, body in FORMS:
            for origin in (("Origin", EVIL), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")):
                row("browser", "form of another site, %s (%s): %s %s" % (
                    kind.partition(";")[0], ": ".join(origin), method, path), (403, 1004),
                    ask(port, method, fill(path, "1"), [origin, ("Content-Type", kind)], body))
        if path.startswith("/v1/"):
            for kind, body in FORMS:
                answer = ask(port, method, fill(path, "1"), [("Content-Type", kind)], body)
                row("browser", "form without Origin, %s: %s %s" % (
                    kind.partition(";")[0], method, path), [(415, 1007), (403, 1004), (401, 1003)],
                    answer)
    server.wait_until_stored()
    after = server.get("/v1/scans")[1]["data"], server.get("/v1/queue")[1]["data"]
    fact("browser", "nothing has changed by all of this", "%d scans" % len(after[0]), before == after)
    preflight = ask(port, "OPTIONS", "/v1/scans", [
        ("Origin", EVIL), ("Access-Control-Request-Method", "POST")])
    fact("browser", "preflight of another site", str(preflight),
         b"access-control-allow-origin" not in preflight.head.lower())


def attack_forwarded(folder, server):
    """Behind a proxy on this machine everybody comes from this machine."""
    port = server.port
    token, _ = give(folder, "open", "proxied", ["read"])
    for name, value in (
        ("Forwarded", "for=127.0.0.1"), ("forwarded", "for=\"[::1]\""),
        ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"),
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"), ("X-FORWARDED-anything", "x"),
        ("Via", "1.1 proxy"), ("X-Forwarded-For", ""),
    ):
        row("forwarded", "%s: %s" % (name, value), (401, 1003),
            ask(port, "GET", "/v1/scans", [(name, value)]))
        row("forwarded", "%s: %s, with a token" % (name, value), (200, 0),
            ask(port, "GET", "/v1/scans", [(name, value)] + bearer(token)))
    row("forwarded", "X-Forwarded-Host does not change the Host", (421, 1007),
        ask(port, "GET", "/v1/scans", [("Host", "evil.example"), ("X-Forwarded-Host", "localhost")]))
    return [token]


# Paths, headers, queries, JSON.

def attack_paths(server, routes):
    values = ("..", "%2e%2e", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
              "..%5c..%5cetc", "%252e%252e%252f", "%00", "1%00.mp3", "%c0%ae%c0%ae", "%ff",
              "%2fetc%2fpasswd", ".", "....%2f%2f", "%zz", "%", "~root", "-1", "1;ls", "'%20OR%201=1",
              "A" * 3000)
    page = ask(server.port, "GET", "/").body
    for method, path, _ in routes:
        if "{" not in path:
            continue
        for value in values:
            answer = ask(server.port, method, fill(path, value))
            name = value if len(value) < 60 else "%d × %s" % (len(value), value[0])
            fact("path", "%s %s" % (method, fill(path, name)), str(answer),
                 answer.status in (400, 401, 403, 404, 405, 414, 431) and answer.code != 0
                 and b"root:" not in answer.raw
                 # What every client makes of it by itself: one part up is the page.
                 or value in ("..", "%2e%2e") and answer.body == page)
    for path in ("/../etc/passwd", "//etc/passwd", "/./v1/scans/../../etc", "/%2e%2e/%2e%2e/etc/passwd",
                 "/docs/../../../etc/passwd", "/v1//scans", "/V1/scans"):
        answer = ask(server.port, "GET", path)
        fact("path", "GET " + path, str(answer),
             answer.status in (400, 404) and answer.code != 0 and b"root:" not in answer.raw)


def attack_headers(server):
    port, host = server.port, b"Host: localhost\r\n"
    post = b"POST /v1/scans HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    for name, data, expected in (
        ("a header of 100 KiB", b"GET /v1/scans HTTP/1.1\r\n" + host + b"X: " + b"a" * 102400
         + b"\r\n\r\n", (431, 1007)),
        ("20,000 headers", b"GET /v1/scans HTTP/1.1\r\n" + host + b"X: a\r\n" * 20000 + b"\r\n",
         (431, 1007)),
        ("an address of 100 KiB", b"GET /" + b"a" * 102400 + b" HTTP/1.1\r\n" + host + b"\r\n",
         [(431, 1007), (414, 1007)]),
        ("a folded header", b"GET /v1/scans HTTP/1.1\r\n" + host + b"X: a\r\n b\r\n\r\n", (400, 1001)),
        ("a bare LF", b"GET /v1/scans HTTP/1.1\n" + b"Host: localhost\n\n", (400, 1001)),
        ("a NUL", b"GET /v1/scans HTTP/1.1\r\n" + host + b"X: a\0b\r\n\r\n", (400, 1001)),
        ("a blank before the colon", b"GET /v1/scans HTTP/1.1\r\n" + host + b"X : a\r\n\r\n",
         (400, 1001)),
        ("Content-Length with chunks (smuggling)", post + b"Content-Length: 5\r\nTransfer-Encoding: "
         b"chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n", (400, 1001)),
        ("two Content-Lengths", post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
         (400, 1001)),
        ("a negative Content-Length", post + b"Content-Length: -1\r\n\r\n", (400, 1001)),
        ("Transfer-Encoding: xchunked", post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
         (400, 1001)),
        ("a body of 2 MiB", post + b"Content-Length: 2097152\r\n\r\n", (413, 1005)),
        ("no HTTP", b"\x00\x01\x02\x03 neither HTTP nor TLS", [(0, 0), (400, 1001)]),
    ):
        row("header", name, expected, talk(port, data))


def attack_queries(server):
    for query in ("limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=1&limit=2", "limit=",
                  "after=9223372036854775808", "order=asc;--", "state=dead", "since=yesterday",
                  "q=%zz", "q=%ff", "q=%00", "symbology=1&symbology=2"):
        row("query", "GET /v1/scans?" + query, (400, 1001), ask(server.port, "GET", "/v1/scans?" + query))
    row("query", "SQL in q finds nothing", (200, 0),
        ask(server.port, "GET", "/v1/scans?q='%20OR%20'1'='1"))


def attack_json(server):
    for name, body in (
        ("a key twice", '{"code":"a","code":"b"}'), ("1,000 deep", "[" * 1000 + "]" * 1000),
        ("not a number", '{"code":NaN}'), ("over all numbers", '{"code":1e999}'),
        ("a number over 2^53", '{"code":9007199254740993}'), ("U+0000", '{"code":"a\\u0000b"}'),
        ("half a surrogate", '{"code":"\\ud800"}'), ("no UTF-8", b'{"code":"\xff"}'),
        ("UTF-16", '{"code":"a"}'.encode("utf-16")), ("a byte order mark", b'\xef\xbb\xbf{"code":"a"}'),
        ("a comment", '{"code":"a"/**/}'), ("a comma too many", '{"code":"a",}'),
        ("single quotes", "{'code':'a'}"), ("two values", '{"code":"a"}{"code":"b"}'),
        ("nothing", ""), ("a list in the place of a text", '{"code":["a"]}'),
        ("1,001 scans", json.dumps([{"code": "a"}] * 1001)), ("none at all", "[]"),
        ("7,090 characters", json.dumps({"code": "a" * 7090})),
        ("__proto__", '{"__proto__":{"code":"a"}}'),
    ):
        row("JSON", name, (400, 1001), ask(server.port, "POST", "/v1/scans", [], body))


# Pairing.

class Waiting:
    """A device that asks, on a thread of its own."""

    def __init__(self, phone):
        self.phone = phone
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        self.status = self.phone.pair()

    def join(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.status


def refusal(status, answer):
    """As a row wants it."""
    return Answer(b"HTTP/1.1 %d x\r\n\r\n%s" % (status, json.dumps(answer).encode()))


def attack_pairing(folder):
    """The limit of failures stays out of the way but where it is the point."""
    secrets = []
    settings = dict(BIPE_TLS="on", BIPE_LOG_LEVEL="debug", BIPE_RATE_LIMIT_AUTH="1000",
                    LD_PRELOAD=os.environ["BIPE_JUMP_CLOCK"], ASAN_OPTIONS="verify_asan_link_order=0")
    with Server(folder, data="paired", **settings) as server:
        admin, _ = give(folder, "paired", "admin", ["admin"])
        desk = Desk(server, admin)

        def offer():
            link = desk.offer()["links"][0]
            phone = Phone(link)
            secrets.extend((phone.code, phone.nonce))
            return phone

        def tell(name, expected, answer):
            row("pairing", name, expected, refusal(*answer))

        phone = offer()
        guess = {"code": os.urandom(16).hex(), "nonce": os.urandom(16).hex(), "name": "x"}
        row("pairing", "without TLS", (403, 1004),
            ask(server.port, "POST", "/v1/pair", [], json.dumps(guess)))
        for name, changes in (("code as a number", {"code": 1}), ("code cut", {"code": phone.code[1:]}),
                              ("nonce of 15 bytes", {"nonce": "00" * 15}), ("no name", {"name": ""}),
                              ("a control character in the name", {"name": "a\x1b[31m"}),
                              ("one member more", {"scopes": ALL}), ("name null", {"name": None})):
            tell("malformed: " + name, (400, 1001), phone.ask(**changes))
        tell("a body of 3,000 bytes", (413, 1005), phone.ask(name="a" * 3000))
        waiting = Waiting(phone)
        assert desk.wait()[1]["data"]["digits"] == phone.digits
        tell("a foreign nonce, with the right code", (403, 1004), phone.ask(nonce=os.urandom(16).hex()))
        tell("… and the first device is refused, too", (403, 1004), phone.ask())
        fact("pairing", "… and its open request", str(waiting.join()), waiting.status == 403)
        status, answer = desk.wait()
        row("pairing", "… and the operator is told", (404, 1002), refusal(status, answer))

        phone = offer()
        for i in range(5):
            tell("guess %d of 5" % (i + 1), (403, 1004), phone.ask(code=os.urandom(16).hex()))
        tell("the right code after 5 guesses", (403, 1004), phone.ask())
        same = {json.dumps(phone.ask(code=code)[1]) for code in (phone.code, os.urandom(16).hex())}
        fact("pairing", "wrong and over read the same", "%d texts" % len(same), len(same) == 1)

        phone = offer()
        waiting = Waiting(phone)
        digits = desk.wait()[1]["data"]["digits"]
        tell("approved with other digits than those of who asks", (404, 1002),
             desk.approve("%06d" % ((int(digits) + 1) % 1000000)))
        assert desk.approve(digits)[0] == 200
        fact("pairing", "(approved)", str(waiting.join()), waiting.status == 201)
        secrets.append(phone.token)
        tell("replayed, by the same device", (403, 1004), phone.ask())
        tell("replayed, by another", (403, 1004), Phone(
            "https://127.0.0.1:%d/#pair=%s&fp=%s" % (server.port, phone.code, phone.fingerprint)).ask())
        fact("pairing", "(its token counts all the while)", str(phone.scan("x")), phone.scan("y") == 201)

        phone = offer()
        os.kill(server.process.pid, signal.SIGUSR1)
        tell("late: two minutes on", (403, 1004), phone.ask())
        phone = offer()
        waiting = Waiting(phone)
        digits = desk.wait()[1]["data"]["digits"]
        os.kill(server.process.pid, signal.SIGUSR1)
        tell("approved late", (404, 1002), desk.approve(digits))
        fact("pairing", "… and who asked is refused", str(waiting.join()), waiting.status == 403)
        phone = offer()
        offer()
        tell("an earlier code", (403, 1004), phone.ask())
        desk.close()

        for method, path, body in (("POST", "/v1/pairing", None), ("GET", "/v1/pairing", None),
                                    ("POST", "/v1/pairing/approve", "{}"), ("DELETE", "/v1/pairing", None)):
            row("pairing", "the operator's part without a token: %s %s" % (method, path), (401, 1003),
                ask(server.port, method, path, [("Via", "x")], body))
        assert server.stop() == 0
        check_log(server, "pairing", secrets + [admin])

    with Server(folder, data="limited", BIPE_TLS="on") as server:
        admin, _ = give(folder, "limited", "admin", ["admin"])
        desk = Desk(server, admin)
        phone = Phone(desk.offer()["links"][0])
        answers = [phone.ask(code=os.urandom(16).hex()) for _ in range(11)]
        row("pairing", "the 10th wrong code of a minute", (403, 1004), refusal(*answers[9]))
        row("pairing", "the 11th", (429, 1008), refusal(*answers[10]))
        phone = Phone(desk.offer()["links"][0])
        for i in range(6):
            row("pairing", "guess %d past the limit" % (i + 1), (429, 1008),
                refusal(*phone.ask(code=os.urandom(16).hex())))
        waiting = Waiting(phone)
        assert desk.approve(desk.wait()[1]["data"]["digits"])[0] == 200
        fact("pairing", "… end no code", str(waiting.join()), waiting.status == 201)
        desk.close()
        assert server.stop() == 0
    with Server(folder, data="plain", BIPE_TLS="off") as server:
        admin, _ = give(folder, "plain", "admin", ["admin"])
        row("pairing", "with tls=off", (403, 1004),
            ask(server.port, "POST", "/v1/pair", [], json.dumps(guess)))
        row("pairing", "a code asked for with tls=off", (403, 1004),
            ask(server.port, "POST", "/v1/pairing", bearer(admin)))
        assert server.stop() == 0


def check_log(server, name, secrets):
    """Neither whole, nor its signature, which is all that is secret of a token, nor in other letters."""
    log = server.read_log()
    needles = [part for secret in secrets for part in (secret, secret.upper(), secret.split(".")[-1])]
    found = [needle for needle in needles if needle in log]
    fact("log", "%d secrets, in debug's %d lines of the station of %s" % (
        len(secrets), log.count("\n"), name), "%d found" % len(found), not found and log)


def attack_log(server, token):
    """Where a token may be, and where it may not."""
    port = server.port
    for method, path, headers, body in (
        ("GET", "/v1/queue?token=" + token, [], None),
        ("GET", "/" + token, [("Accept", "text/event-stream")], None),
        ("POST", "/v1/tokens", bearer(token), json.dumps({"token": token})),
        ("POST", "/v1/scans", [("Cookie", token), ("X-Token", token)], json.dumps([token])),
        ("GET", "/v1/scans?q=x&token=" + token, [("Referer", "http://localhost/?token=" + token)], None),
    ):
        if path == "/" + token:
            continue
        ask(port, method, path, headers, body)
    connect_socketio(port, "/", token)


def print_table():
    width = max(len(group) for group, *_ in rows)
    for group, name, came, is_good in rows:
        print("%-*s  %-4s %s → %s" % (width, group, "ok" if is_good else "BAD", name, came))
    bad = sum(not is_good for *_, is_good in rows)
    print("%d attacks and checks, %d bad" % (len(rows), bad))
    return bad


def main():
    with Folder() as folder:
        limits = dict(BIPE_RATE_LIMIT_AUTH="1000000", BIPE_LOG_LEVEL="debug",
                      BIPE_MAX_CONNECTIONS_PER_ADDRESS="2000")
        with Server(folder, data="closed", BIPE_LOOPBACK_WITHOUT_TOKEN="off", **limits) as server:
            routes = list(list_routes(server.port))
            secrets = attack_tokens(folder, server)
            secrets += attack_scopes(folder, server, routes)
            attack_log(server, secrets[0])
            assert server.stop() == 0
            check_log(server, "tokens", secrets)
        with Server(folder, data="open", **limits) as server:
            attack_browsers(server, routes)
            secrets = attack_forwarded(folder, server)
            attack_paths(server, routes)
            attack_headers(server)
            attack_queries(server)
            attack_json(server)
            row("afterwards", "(a scan)", (201, 0),
                ask(server.port, "POST", "/v1/scans", [], '{"code":"still here"}'))
            assert server.stop() == 0
            check_log(server, "browsers", secrets)
        attack_pairing(folder)
    sys.exit(1 if print_table() else 0)


main()
