"""A device as /v1/pair expects it: it has read link and fingerprint from a QR code, speaks to nobody who
shows another certificate, and computes the six digits by itself."""

import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
import urllib.parse


class WrongCertificate(Exception):
    pass


class PinnedConnection(http.client.HTTPSConnection):
    """TLS to who has the certificate with that fingerprint, whatever it says of names and dates."""

    def __init__(self, host, port, fingerprint, timeout=60):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(host, port, timeout=timeout, context=context)
        self.fingerprint = fingerprint

    def connect(self):
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hashlib.sha256(self.sock.getpeercert(True)).hexdigest() != self.fingerprint:
            self.close()
            raise WrongCertificate()


def compute_digits(code, nonce, fingerprint):
    """RFC 4226, section 5.3."""
    digest = hmac.new(bytes.fromhex(code), bytes.fromhex(nonce) + bytes.fromhex(fingerprint),
                      hashlib.sha256).digest()
    offset = digest[-1] & 15
    return "%06d" % ((int.from_bytes(digest[offset:offset + 4], "big") & 0x7fffffff) % 1000000)


class Phone:
    def __init__(self, link, name="phone"):
        address = urllib.parse.urlsplit(link)
        assert address.scheme == "https" and address.path == "/", link
        self.host, self.port = address.hostname, address.port
        secrets = dict(urllib.parse.parse_qsl(address.fragment, strict_parsing=True))
        assert sorted(secrets) == ["fp", "pair"], link
        self.code, self.fingerprint = secrets["pair"], secrets["fp"]
        self.nonce = os.urandom(16).hex()
        self.name = name
        self.token = None

    @property
    def digits(self):
        return compute_digits(self.code, self.nonce, self.fingerprint)

    def connect(self, timeout=60):
        return PinnedConnection(self.host, self.port, self.fingerprint, timeout)

    def request(self, method, path, value=None, headers=None, timeout=60):
        """Status, the answer's headers, and its JSON."""
        connection = self.connect(timeout)
        try:
            headers = dict(headers or {})
            if self.token:
                headers["Authorization"] = "Bearer " + self.token
            if value is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, None if value is None else json.dumps(value), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def ask(self, timeout=60, **changes):
        """Once: status and body; it may take 20 s."""
        body = dict({"code": self.code, "nonce": self.nonce, "name": self.name}, **changes)
        status, headers, answer = self.request("POST", "/v1/pair", body, timeout=timeout)
        assert status == 413 or headers["Cache-Control"] == "no-store", headers
        return status, answer

    def pair(self):
        """Until it is decided; its status."""
        while True:
            status, answer = self.ask()
            if status == 202:
                assert answer == {"code": 200, "data": {"state": "waiting"}, "message": "ok"}, answer
                continue
            if status == 201:
                self.token = answer["data"]["token"]
            return status

    def scan(self, code):
        return self.request("POST", "/v1/scans", {"code": code})[0]


class Desk:
    """The administrator's side, over the routes that `bipe-server pair` uses."""

    def __init__(self, server, token):
        self.server = server
        self.headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}

    def request(self, method, path, value=None):
        body = None if value is None else json.dumps(value)
        status, answer = self.server.request(method, path, body, self.headers)
        return status, json.loads(answer)

    def offer(self):
        status, answer = self.request("POST", "/v1/pairing")
        assert status == 201, (status, answer)
        return answer["data"]

    def wait(self):
        while True:
            status, answer = self.request("GET", "/v1/pairing")
            if status != 202:
                return status, answer

    def approve(self, digits, **changes):
        body = dict({"digits": digits, "scopes": ["scan", "read"]}, **changes)
        return self.request("POST", "/v1/pairing/approve", body)

    def close(self):
        return self.request("DELETE", "/v1/pairing")
