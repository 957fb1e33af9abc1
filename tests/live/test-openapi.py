#!/usr/bin/python3
"""The document at /v1/openapi.json against the server: it has the router's routes and scopes, no others;
each route is called well and badly, and what comes back is held against the document: status, content
type, headers, body. What is not documented fails; and so does a documented status that is never seen."""

import asyncio
import base64
import functools
import hashlib
import hmac
import http.client
import json
import operator
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import urllib.parse

import lab
import wire
from lab import Folder, Server, wait_for

try:
    import jsonschema
except ImportError:
    print("there is no python3-jsonschema")
    sys.exit(77)


METHODS = ("get", "post", "put", "patch", "delete")
UNKNOWN = "00000000-0000-7000-8000-000000000000"
ALL = "--scopes=scan,read,collect,speech,void,admin"
PICTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/qr.png")
NEVER = {"500"}  # a fault nobody planned for

# It takes thousands of tokens, which have a test of their own.
ELSEWHERE = {("issueToken", "409"), ("approvePairing", "409")}


def source_address(port):
    """A client of its own, for whom the wrong tokens are counted."""
    return ("127.0.0.%d" % port, 0)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Document:
    def __init__(self, value):
        self.value = value
        self.operations = {}
        for path, item in value["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = item[method]
                    assert operation["operationId"] not in self.operations, operation["operationId"]
                    self.operations[operation["operationId"]] = (method.upper(), path, operation)
        self.seen = set()

    def resolve(self, value):
        while "$ref" in value:
            start, *parts = value["$ref"].split("/")
            assert start == "#", value["$ref"]
            value = functools.reduce(operator.getitem, parts, self.value)
        return value

    def validate(self, value, schema, what):
        """The schema gets what it may refer to: how else that is found depends on jsonschema's version."""
        validator = jsonschema.Draft202012Validator(
            dict(schema, components=self.value["components"]),
            format_checker=jsonschema.FormatChecker())
        problem = next(validator.iter_errors(value), None)
        if problem is not None:
            if problem.context:
                problem = jsonschema.exceptions.best_match([problem])
            raise AssertionError("%s: %s at /%s" % (
                what, problem.message, "/".join(map(str, problem.absolute_path))))

    def check(self, name, answer, is_head=False):
        """What the operation has answered is what the document says."""
        status = str(answer.status)
        responses = self.operations[name][2]["responses"]
        what = "%s %s" % (name, status)
        assert status in responses, "%s is not documented: %s" % (what, answer.body[:300])
        response = self.resolve(responses[status])
        for header, given in response.get("headers", {}).items():
            given = self.resolve(given)
            value = answer.headers.get(header.lower())
            assert value is not None, "%s lacks the header %s" % (what, header)
            self.validate(value, given["schema"], what + ", " + header)
        kind = answer.headers.get("content-type")
        contents = {each.lower(): media for each, media in response.get("content", {}).items()}
        if status == "101":
            return
        if not contents:
            assert kind is None and answer.body == b"", (what, kind, answer.body[:100])
            assert "content-length" not in answer.headers, (what, answer.headers)
        else:
            assert kind is not None and kind.lower() in contents, "%s has the type %s" % (what, kind)
            if is_head:
                assert answer.body == b"", (what, answer.body)
            else:
                schema = contents[kind.lower()]["schema"]
                self.check_body(kind, answer.body, schema, what)
        self.seen.add((name, status))

    def check_body(self, kind, body, schema, what):
        if "json" in kind:
            self.validate(json.loads(body), schema, what)
        elif kind.startswith("text/"):
            self.validate(body.decode(), schema, what)

    def check_component(self, name, value):
        self.validate(value, {"$ref": "#/components/schemas/" + name}, name)

    def check_examples(self):
        """The document's own, of what it says."""
        def walk(value, what):
            if isinstance(value, list):
                for each in value:
                    walk(each, what)
            elif isinstance(value, dict):
                for example in value.get("examples", {}).values() if "schema" in value else ():
                    self.validate(self.resolve(example)["value"], value["schema"], what)
                for name, each in value.items():
                    walk(each, what + "/" + name)

        walk(self.value["paths"], "")
        for name in self.value["components"]["schemas"]:
            schema = {"$ref": "#/components/schemas/" + name}
            jsonschema.Draft202012Validator.check_schema(schema)
        self.check_names(self.value["components"]["schemas"])

    def check_names(self, schemas):
        """A schema without a word for the rest would let anything in: all that are answers have one."""
        for name in ("Scan", "LegacyScan", "Failure", "Health", "Reading", "Grant", "NewGrant"):
            schema = schemas[name]
            assert False in (schema.get("additionalProperties"), schema.get("unevaluatedProperties")), name


class Api:
    """A server and the document it gave."""

    def __init__(self, folder, document=None, data="data", **settings):
        self.server = Server(folder, data=data, **settings)
        self.folder, self.data = folder, data
        self.document = document or Document(self.server.get("/v1/openapi.json")[1])
        self.token = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    def stop(self):
        assert self.server.stop() == 0

    def give_token(self, *arguments):
        environment = self.folder.environment(BIPE_DATA_DIR=self.folder.join(self.data))
        return subprocess.run(
            [lab.SERVER, "token", "new", "test", *arguments], env=environment, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ).stdout.strip()

    def target(self, name, path=None, query=None):
        """Method and target; a variable that is not given gets a value of the right form."""
        method, template, operation = self.document.operations[name]
        shared = self.document.value["paths"][template].get("parameters", [])
        values = {"ref": UNKNOWN, "uuid": UNKNOWN, "jti": UNKNOWN, "id": "1", "file": "docs.css", "name": "nothing",
                  **(path or {})}
        target = re.sub(r"\{(\w+)\}", lambda match: urllib.parse.quote(str(values[match.group(1)])),
                        template)
        given = {self.document.resolve(each)["name"]
                 for each in [*shared, *operation.get("parameters", [])]}
        assert set(query or {}) <= given | {"unknown"}, (name, query)
        return method, target + ("?" + urllib.parse.urlencode(query) if query else "")

    def send(self, method, target, body=None, headers=None, source=None, host="127.0.0.1", is_secure=False):
        """A request as bytes: what libraries would refuse. headers may be a list of pairs."""
        connection = socket.create_connection(
            (host, self.server.port), 30, source and source_address(source))
        if is_secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(connection)
        pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        if not any(header.lower() == "host" for header, _ in pairs):
            pairs.insert(0, ("Host", "%s:%d" % (host, self.server.port)))
        if body is not None:
            pairs.append(("Content-Length", str(len(body))))
        head = "%s %s HTTP/1.1\r\n%s\r\n" % (
            method, target, "".join("%s: %s\r\n" % pair for pair in pairs))
        try:
            connection.sendall(head.encode() + (body or b""))
            return read_answer(connection, method)
        finally:
            connection.close()

    def call(self, name, status, path=None, query=None, body=None, headers=None, kind="application/json",
             token=None, **more):
        method, target = self.target(name, path, query)
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        if token or self.token:
            headers["Authorization"] = "Bearer " + (token or self.token)
        answer = self.send(method, target, body, headers, **more)
        assert answer.status == status, "%s %s gives %d: %s" % (
            method, target, answer.status, answer.body[:300])
        self.document.check(name, answer)
        if method == "GET" and status == 200:
            head = self.send("HEAD", target, None, headers)
            if name not in ("followEvents", "pollSocketIo"):
                assert head.status == status, (target, head.status)
                self.document.check(name, head, is_head=True)
        return answer

    def fail(self, name, status, error_code, **more):
        answer = self.call(name, status, **more)
        failure = answer.json()
        assert failure["error_code"] == error_code, failure
        method, target = self.target(name, more.get("path"), None)
        expected = "%s %s" % (method, urllib.parse.unquote(target))
        assert urllib.parse.unquote(failure["request"]) == expected, failure
        return failure


def read_answer(connection, method):
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if answer.status == 101 or headers.get("content-type") == "text/event-stream":
        body = b""
        if answer.status == 200:
            body = answer.fp.readline() + answer.fp.readline() + answer.fp.readline()
    else:
        body = answer.read()
    return Answer(answer.status, headers, body)


def check_routes(document):
    """Exactly those of the router, each with its scope."""
    lines = subprocess.run([os.environ["BIPE_ROUTES"]], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.splitlines()
    routes = {tuple(line.split("\t")) for line in lines}
    documented = {(method, path, operation["x-scope"])
                  for method, path, operation in document.operations.values()}
    assert routes == documented, "served alone: %s; documented alone: %s" % (
        sorted(routes - documented), sorted(documented - routes))
    for name, (_, _, operation) in document.operations.items():
        scope = operation["x-scope"]
        expected = [{"bearer": []}] + ([] if scope in ("void", "admin") else [{}])
        assert operation["security"] == expected, name
        assert set(operation["tags"]) <= {tag["name"] for tag in document.value["tags"]}, name


def check_served(api):
    """The document and the page, at the address they were asked at."""
    address = "http://127.0.0.1:%d" % api.server.port
    assert api.document.value["servers"][0]["url"] == address
    for name, path in (("readDocument", None), ("readDocs", None), ("readDocsFile", {"file": "docs.css"}),
                       ("readDocsFile", {"file": "docs.js"})):
        answer = api.call(name, 200, path=path)
        tag = answer.headers["etag"]
        for known in (tag, "*", '"other", W/' + tag):
            api.call(name, 304, path=path, headers={"If-None-Match": known})
        api.call(name, 200, path=path, headers={"If-None-Match": '"other"'})
    api.fail("readDocsFile", 404, 1002, path={"file": "docs.html"})

    page = api.call("readDocs", 200)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy, policy
    text = page.body.decode()
    outside = [each for each in re.findall(r'(?:src|href|action)="([^"#]*)', text) if "//" in each]
    assert outside == [], outside
    assert "<style" not in text and "style=" not in text and not re.search(r"<script>|\son\w+=", text)
    assert address in text and "http://localhost:5000" not in text and "@" not in re.findall(
        r"<title>.*?</title>", text)[0]
    anchors = set(re.findall(r'id="([^"]+)"', text))
    linked = set(re.findall(r'href="#([^"]+)"', text))
    assert linked <= anchors, linked - anchors
    for method, path, operation in api.document.operations.values():
        assert operation["summary"] in text.replace("&#x27;", "'"), operation["summary"]

    # Asked by another name it has, it goes by that; and by none in HTTP/1.0.
    other = api.send("GET", "/v1/openapi.json", headers={"Host": "localhost"})
    assert other.json()["servers"][0]["url"] == "http://localhost"
    assert other.headers["etag"] != tag


def check_scans(api):
    first = api.call("sendScans", 201, body={"code": "4006381333931", "key": "k"}).json()["data"]
    api.call("sendScans", 200, body={"code": "4006381333931", "key": "k"})
    api.call("sendScans", 201, body=[{"code": 17}, {"code": "a\u001db", "symbology": "Code 128", "aim": "]C1",
                                                   "device": "d", "operator": "o",
                                                   "scanned_at": "2026-01-31T10:00:00+01:00"}])
    api.call("sendScans", 200, body=[{"code": "4006381333931", "key": "k"}])
    api.call("sendScans", 200, body={"code": "4006381333931"}, headers={"Idempotency-Key": "k"})
    api.fail("sendScans", 409, 1007, body={"code": "other", "key": "k"})
    for body in ({}, {"code": ""}, {"code": 1.5}, {"code": "x" * 7090}, [], {"code": "1", "key": ""}, "text",
                 b"{", b'{"code":"\xff"}', b'{"code":"a","code":"b"}', b""):
        api.fail("sendScans", 400, 1001, body=body)
    api.server.wait_until_stored()

    stored = api.call("listScans", 200, query={"limit": 1000}).json()["data"]
    assert len(stored) == 3 and stored[0]["uuid"] == first["uuid"]
    for name in ("listScans", "exportScans"):
        for query in ({"order": "desc", "limit": 1}, {"after": 1, "before": 3}, {"q": "4006"},
                      {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
                      {"symbology": "Code 128"}, {"source": "remote"}, {"station": "nowhere"},
                      {"state": "voided"}, {"unknown": "x"}):
            api.call(name, 200, query=query)
        for query in ({"limit": 0}, {"limit": "x"}, {"after": "x"}, {"order": "up"}, {"since": "today"},
                      {"source": "air"}, {"state": "queued"}):
            api.fail(name, 400, 1001, query=query)
    api.fail("listScans", 400, 1001, query={"limit": 1001})
    api.call("exportScans", 200, query={"limit": 1001, "raw": 1, "bom": 0})
    api.fail("exportScans", 400, 1001, query={"raw": "yes"})

    for ref in (first["uuid"], stored[0]["id"]):
        api.call("findScan", 200, path={"ref": ref})
    api.fail("findScan", 404, 1002)
    api.fail("findScan", 400, 1001, path={"ref": "x"})
    api.call("voidScan", 200, path={"ref": first["uuid"]}, body={"reason": "wrong box"})
    api.fail("voidScan", 409, 1007, path={"ref": first["uuid"]})
    api.fail("voidScan", 404, 1002)
    api.fail("voidScan", 400, 1001, path={"ref": first["uuid"]}, body={"reason": 1})
    api.call("restoreScan", 200, path={"ref": first["uuid"]})
    api.fail("restoreScan", 409, 1007, path={"ref": first["uuid"]})
    api.fail("restoreScan", 404, 1002)


def check_legacy(api):
    api.call("listLegacy", 200)
    api.call("findLegacy", 200, path={"id": 1})
    api.fail("findLegacy", 404, 1002, path={"id": 4711})
    api.fail("findLegacy", 400, 1001, path={"id": "x"})
    for name in ("collectLegacy", "collectLegacyWithoutSlash", "collectScan"):
        api.call(name, 200)
    for name in ("collectLegacy", "collectLegacyWithoutSlash", "collectScan"):
        api.call(name, 200)  # nothing waits


def check_pictures(api):
    with open(PICTURE, "rb") as file:
        picture = file.read()
    found = api.call("decodePicture", 200, body=picture, kind="image/png").json()["data"]
    assert len(found["codes"]) == 1, found
    api.call("decodePicture", 200, body=picture, kind="image/png", query={"symbologies": "EAN-13"})
    api.fail("decodePicture", 400, 1001, body=b"no picture", kind="image/jpeg")
    api.fail("decodePicture", 400, 1001, body=picture, kind="image/png", query={"symbologies": "Morse"})
    api.fail("decodePicture", 415, 1007, body=picture, kind="image/gif")


def check_tokens(api):
    given = api.call("issueToken", 201, body={"name": "till", "scopes": ["scan", "read"], "days": 1}).json()["data"]
    api.call("issueToken", 201, body={"name": "till", "scopes": ["read"]})
    for body in ({}, {"name": "x"}, {"name": "", "scopes": ["read"]}, {"name": "x", "scopes": ["root"]},
                 {"name": "x", "scopes": ["read"], "days": 0}, {"name": "x", "scopes": "read"}):
        api.fail("issueToken", 400, 1001, body=body)
    api.call("listTokens", 200)
    api.call("listScans", 200, token=given["token"])
    api.call("revokeToken", 200, path={"jti": given["jti"]})
    api.fail("revokeToken", 404, 1002)
    api.fail("listScans", 401, 10031, token=given["token"])


def check_pairing(api):
    """With TLS, without which nobody is paired, and beyond this machine, where it is a must."""
    nonce = "1" * 32
    code = api.call("offerPairing", 201).json()["data"]["code"]
    body = {"code": code, "nonce": nonce, "name": "phone"}
    for member, wrong in (("code", "x"), ("nonce", "1" * 31), ("name", ""), ("code", None), ("other", 1)):
        api.fail("pair", 400, 1001, body={**body, member: wrong}, is_secure=True)
    api.fail("pair", 403, 1004, body={**body, "code": "0" * 32}, is_secure=True)
    api.fail("pair", 403, 1004, body=body)

    # Each waits 20 s in vain: nobody asks, and then nobody decides.
    api.call("awaitPairing", 202)
    waiting = threading.Thread(target=api.call, args=("pair", 202), kwargs={"body": body, "is_secure": True})
    waiting.start()
    asked = api.call("awaitPairing", 200).json()["data"]
    waiting.join()
    api.fail("approvePairing", 400, 1001, body={"digits": asked["digits"], "scopes": []})
    api.call("approvePairing", 200, body={"digits": asked["digits"], "scopes": ["scan"]})
    api.call("pair", 201, body=body, is_secure=True)
    api.call("endPairing", 200)
    api.fail("awaitPairing", 404, 1002)
    api.fail("approvePairing", 404, 1002, body={"digits": asked["digits"], "scopes": ["scan"]})

    document = api.send("GET", "/v1/openapi.json", is_secure=True).json()
    assert document["servers"][0]["url"] == "https://127.0.0.1:%d" % api.server.port


def own_address():
    """One of this machine's that is not loopback's; None: it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def check_insecure(api):
    """A plain request from beyond this machine."""
    for name in api.document.operations:
        method, target = api.target(name)
        answer = api.send(method, target, host=own_address())
        assert answer.status == 426 and answer.json()["error_code"] == 1007, (name, answer.body)
        api.document.check(name, answer)


def check_station(api):
    api.call("readHealth", 200)
    api.call("readMetrics", 200)
    api.fail("pair", 403, 1004, body={"code": "0" * 32, "nonce": "1" * 32, "name": "phone"})

    page = api.call("readPage", 200)
    api.call("readPage", 304, headers={"If-None-Match": page.headers["etag"]})
    for path in re.findall(r'(?:src|href)="/?web/([^"]+)"', page.body.decode()):
        answer = api.call("readPageFile", 200, path={"file": path})
        api.call("readPageFile", 304, path={"file": path}, headers={"If-None-Match": answer.headers["etag"]})
    api.fail("readPageFile", 404, 1002, path={"file": "index.html"})


def check_review(api):
    """Where codes wait until they are released."""
    sent = [api.call("sendScans", 201, body={"code": str(i)}).json()["data"]["uuid"] for i in range(5)]
    api.call("listQueue", 200, query={"limit": 2, "after": sent[0], "state": "queued"})
    for query in ({"limit": 0}, {"after": "x"}, {"state": "stored"}):
        api.fail("listQueue", 400, 1001, query=query)
    api.call("findScan", 200, path={"ref": sent[0]})
    api.call("editScan", 200, path={"uuid": sent[0]}, body={"code": 4711})
    api.fail("editScan", 404, 1002, body={"code": "1"})
    api.fail("editScan", 400, 1001, path={"uuid": "x"}, body={"code": "1"})
    api.fail("editScan", 400, 1001, path={"uuid": sent[0]}, body={})
    api.call("removeScan", 200, path={"uuid": sent[1]}, body={"reason": "twice"})
    api.fail("removeScan", 409, 1007, path={"uuid": sent[1]})
    api.fail("removeScan", 404, 1002)
    api.fail("removeScan", 400, 1001, path={"uuid": sent[0]}, body={"reason": ""})
    api.fail("editScan", 409, 1007, path={"uuid": sent[1]}, body={"code": "1"})
    api.call("listQueue", 200, query={"state": "voided"})
    api.call("releaseScans", 200, body={"uuid": sent[0]})
    api.fail("releaseScans", 404, 1002, body={"uuid": UNKNOWN})
    api.call("releaseScans", 200, body={"uuids": sent[2:4]})
    for body in ({"uuid": "x"}, {"uuids": []}, {"all": False}, {"uuid": sent[0], "all": True}):
        api.fail("releaseScans", 400, 1001, body=body)
    api.call("releaseScans", 200)


async def check_events(api):
    """By each of the three ways, and each Event and Ack."""
    document, port = api.document, api.server.port
    stream = api.call("followEvents", 200, query={"after": 0}, headers={"Accept": "text/event-stream"})
    lines = stream.body.decode().split("\n")
    assert lines[0].startswith("id: ") and lines[1].startswith("event: "), lines
    document.check_component("Event", json.loads(lines[2].removeprefix("data: ")))
    api.fail("followEvents", 400, 1001)
    api.fail("followEvents", 400, 1001, query={"after": "x"}, headers={"Accept": "text/event-stream"})

    events = await wire.WebSocket.open(port, "/v1/events?after=0")
    kinds = set()
    while "restored" not in kinds:
        event = json.loads(await events.receive())
        document.check_component("Event", event)
        kinds.add(event["event"])
    assert {"queued", "stored", "voided", "collected"} <= kinds | {"collected"}, kinds
    events.cut()

    hub = await wire.open_socketio(port)
    for number, code in enumerate(('"by socket"', '{"code":"x"}', '""', "[]")):
        hub.send('42%d["message",%s]' % (number, code))
        ack = json.loads((await hub.receive()).removeprefix("43%d" % number))[0]
        document.check_component("Ack", ack)
        assert ack["ok"] is (number < 2), ack
    hub.cut()

    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()}
    for name, query in (("followEvents", {}), ("pollSocketIo", {"EIO": "4", "transport": "websocket"})):
        answer = api.call(name, 101, query=query, headers=upgrade)
        document.seen.add((name, "101"))
        assert answer.headers["upgrade"].lower() == "websocket"
        api.fail(name, 426, 1007, query=query, headers={**upgrade, "Sec-WebSocket-Version": "12"})

    query = {"EIO": "4", "transport": "polling"}
    opened = api.call("pollSocketIo", 200, query=query).body.decode()
    query["sid"] = json.loads(opened[1:])["sid"]
    api.call("postSocketIo", 200, query=query, body=b"40", kind="text/plain;charset=UTF-8")
    api.fail("postSocketIo", 400, 1001, query=query, body=b"x", kind="text/plain;charset=UTF-8")
    api.fail("pollSocketIo", 400, 1001, query={"EIO": "2", "transport": "polling"})
    api.fail("putSocketIo", 400, 1001, query={"EIO": "4", "transport": "polling"})


def sign(folder, data, claims):
    """As the station would, with its key."""
    def encode(part):
        return base64.urlsafe_b64encode(part).rstrip(b"=")

    with open(folder.join(data + "/secret.key"), "rb") as file:
        key = file.read()
    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (text + b"." + encode(hmac.new(key, text, hashlib.sha256).digest())).decode()


def check_speech(api):
    path = {"name": "olá 1"}
    api.call("speak", 201, body={"text": "Olá", "name": "olá 1", "language": "pt", "voice": "f3", "speed": 200,
                                 "pitch": 60, "volume": 90})
    api.call("speak", 201, body={"text": "Olá", "name": None})
    api.fail("speak", 400, 1001, body={"text": ""})
    api.fail("speak", 415, 1007, body=b"{}", kind="text/plain")
    for name in ("readSpeech", "downloadSpeech"):
        whole = api.call(name, 200, path=path)
        part = api.call(name, 206, path=path, headers={"Range": "bytes=10-19"})
        assert part.body == whole.body[10:20]
        api.call(name, 304, path=path, headers={"If-None-Match": whole.headers["etag"]})
        api.fail(name, 416, 1007, path=path, headers={"Range": "bytes=9999999-"})
        api.fail(name, 404, 1002)
    for name in ("say", "passOn"):
        order = {"message": "Olá", "name": "aviso"}
        assert api.call(name, 200, body=order, kind="text/plain").json() == order
        api.fail(name, 400, 1001, body=b"[]")
    api.fail("say", 400, 1001, body={"message": "Olá"})
    api.call("passOn", 500, body={"message": "Olá"})


def check_everywhere(api):
    """What every route answers alike."""
    operations = api.document.operations
    host = "127.0.0.1:%d" % api.server.port
    expired = sign(api.folder, api.data, {"sub": "x", "scopes": ["read"], "iat": 1, "exp": 2, "jti": UNKNOWN})
    poor = api.give_token("--scopes=speech")
    for _ in range(40):
        api.send("GET", "/v1/health", headers={"Authorization": "Bearer x"}, source=9)
    for number, (name, (method, _, operation)) in enumerate(operations.items()):
        target = api.target(name)[1]
        scope = operation["x-scope"]

        def expect(status, error_code, headers=None, body=None, **more):
            answer = api.send(method, target, body, headers, **more)
            assert answer.status == status, (name, status, answer.status, answer.body)
            api.document.check(name, answer)
            assert answer.json()["error_code"] == error_code, (name, answer.body)

        expect(400, 1001, [("Host", host), ("Host", host)])
        expect(401, 10031, {"Authorization": "Bearer x"}, source=20 + number)
        expect(401, 10032, {"Authorization": "Bearer " + expired}, source=20 + number)
        expect(429, 1008, {"Authorization": "Bearer x"}, source=9)
        expect(403, 1004, {"Origin": "http://evil.example"})
        expect(421, 1007, {"Host": "evil.example"})
        expect(413, 1005, {"Content-Length": str(1 << 30)})
        expect(431, 1007, {"X-Long": "x" * 200000})
        if scope != "none":
            expect(401, 1003, {"X-Forwarded-For": "10.0.0.1"})
        if scope not in ("none", "speech"):
            expect(403, 1004, {"Authorization": "Bearer " + poor})
        if "415" in operation["responses"]:
            headers = {"Authorization": "Bearer " + api.token, "Content-Type": "text/plain"}
            expect(415, 1007, headers, b"x")
        options = api.send("OPTIONS", target)
        assert options.status == 204 and method in options.headers["allow"].split(", "), (name, options.headers)
        wrong = api.send("TRACE", target)
        assert wrong.status == 405 and wrong.headers["allow"] == options.headers["allow"], name
        api.document.validate(wrong.json(), {"$ref": "#/components/schemas/Failure"}, name)
    nowhere = api.send("GET", "/v1/nowhere")
    assert nowhere.status == 404 and nowhere.json()["error_code"] == 1002


def check_slow(api):
    """All at once: each has to wait for its limit."""
    waiting = []
    for name in api.document.operations:
        method, target = api.target(name)
        connection = socket.create_connection(("127.0.0.1", api.server.port), 30)
        connection.sendall(("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                            "Content-Type: %s\r\nContent-Length: 9\r\n\r\n" % (
                                method, target, api.token,
                                "image/png" if name == "decodePicture" else "application/json")).encode())
        waiting.append((name, method, connection))
    for name, method, connection in waiting:
        answer = read_answer(connection, method)
        connection.close()
        assert answer.status == 408, (name, answer.status, answer.body)
        api.document.check(name, answer)


def check_busy(api):
    """One connection is all it takes, and that one is here. Others are answered before they can ask."""
    def hold():
        """Once the connection before it is really gone."""
        held = socket.create_connection(("127.0.0.1", api.server.port), 30)
        held.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if held.recv(65536).startswith(b"HTTP/1.1 200"):
            return held
        held.close()
        return None

    held = wait_for("a place", hold)
    refused = socket.create_connection(("127.0.0.1", api.server.port), 30)
    answer = read_answer(refused, "GET")
    refused.close()
    assert answer.status == 503 and answer.json()["error_code"] == 1007, answer.body
    for name in api.document.operations:
        api.document.check(name, answer)
    held.close()


def check_store_away(api):
    api.call("sendScans", 201, body={"code": "1"})
    api.server.wait_until_stored()
    store = sqlite3.connect(api.folder.join(api.data + "/scans.db"), timeout=30)
    store.execute("ALTER TABLE scan RENAME TO gone")
    store.commit()
    store.close()
    for name, path in (("listScans", None), ("exportScans", None), ("findScan", {"ref": 1}),
                       ("listLegacy", None), ("findLegacy", {"id": 1})):
        api.fail(name, 503, 1009, path=path)
    api.call("sendScans", 201, body={"code": "2"})
    api.call("collectScan", 200)  # the first, which had been stored before
    for name in ("collectScan", "collectLegacy", "collectLegacyWithoutSlash"):
        api.fail(name, 503, 1009)
    wait_for("the loss to be noted", lambda: api.call("readHealth", 200).json()["data"]["status"] == "degraded")


def check_full(api):
    api.call("sendScans", 201, body={"code": "1"})
    answer = api.call("sendScans", 503, body={"code": "2"})
    assert answer.json()["error_code"] == 1010 and answer.headers["retry-after"] == "5"


def main():
    with Folder() as folder:
        with Api(folder) as api:
            document = api.document
            check_routes(document)
            document.check_examples()
            api.token = api.give_token(ALL)
            for check in (check_served, check_scans, check_legacy, check_pictures, check_speech, check_tokens, check_station):
                check(api)
            api.fail("releaseScans", 409, 1007)
            api.token = None
            asyncio.run(check_events(api))
            api.token = api.give_token(ALL)
            check_everywhere(api)
            api.stop()
        checks = [
            ("review", check_review, {"BIPE_QUEUE_MODE": "review"}),
            ("away", check_store_away, {}),
            ("full", check_full, {"BIPE_QUEUE_MODE": "review", "BIPE_QUEUE_LIMIT": "1"}),
            ("slow", check_slow, {"BIPE_TIME_LIMIT": "1"}),
            ("busy", check_busy, {"BIPE_MAX_CONNECTIONS": "1"}),
            ("pairing", check_pairing, {"BIPE_TLS": "on"}),
        ]
        if own_address() is not None:
            checks.append(("lan", check_insecure, {"BIPE_LISTEN": "lan"}))
        else:
            print("no network here: 426 is not seen")
            NEVER.add("426")
        for data, check, settings in checks:
            with Api(folder, document, data, **settings) as api:
                if check != check_busy:
                    api.token = api.give_token(ALL)
                check(api)
                api.stop()
    documented = {(name, status) for name, (_, _, operation) in document.operations.items()
                  for status in operation["responses"] if status not in NEVER}
    unseen = documented - document.seen - ELSEWHERE
    assert not unseen, "documented, and never seen: %s" % sorted(unseen)
    print("%d operations, %d answers of the %d that are documented" % (
        len(document.operations), len(document.seen & documented), len(documented)))


main()
