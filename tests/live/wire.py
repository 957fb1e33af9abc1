"""HTTP requests and WebSockets as bytes, by asyncio: what libraries would refuse to send, and what
they would hide of the answers."""

import asyncio
import base64
import json
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The peer has closed; the WebSocket's close code, or None."""

    def __init__(self, code=None):
        super().__init__(code)
        self.code = code


def connect(port, host="127.0.0.1"):
    return asyncio.open_connection(host, port, limit=1 << 16)


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers


async def request(port, method, path, body=None, headers=None):
    """One request on a connection of its own; returns status, headers (lower case), body."""
    reader, writer = await connect(port)
    try:
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: 127.0.0.1:%d" % port, "Connection: close"]
        lines += ["%s: %s" % header for header in (headers or {}).items()]
        body = body.encode() if isinstance(body, str) else body
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        writer.write("\r\n".join(lines + ["", ""]).encode() + (body or b""))
        status, headers = await read_head(reader)
        return status, headers, await reader.read()
    finally:
        writer.close()


class WebSocket:
    """A client's end. What it sends is masked with zeros: the server can't know that."""

    @classmethod
    async def open(cls, port, path, headers=None, host="127.0.0.1"):
        """Raises Closed with the status where the handshake is refused."""
        self = cls()
        self.reader, self.writer = await connect(port, host)
        lines = [
            "GET %s HTTP/1.1" % path, "Host: 127.0.0.1:%d" % port, "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
        ]
        lines += ["%s: %s" % header for header in (headers or {}).items()]
        self.writer.write("\r\n".join(lines + ["", ""]).encode())
        status, self.headers = await read_head(self.reader)
        if status != 101:
            self.cut()
            raise Closed(status)
        return self

    def send_frame(self, opcode, payload, first=0x80):
        """first: FIN and the reserved bits."""
        size = len(payload)
        if size < 126:
            head = bytes((first | opcode, 0x80 | size))
        elif size < 65536:
            head = struct.pack("!BBH", first | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", first | opcode, 0x80 | 127, size)
        self.writer.write(head + b"\0\0\0\0" + payload)

    def send(self, message):
        if isinstance(message, str):
            self.send_frame(TEXT, message.encode())
        else:
            self.send_frame(BINARY, message)

    async def receive_frame(self):
        """Opcode and payload."""
        try:
            first, size = await self.reader.readexactly(2)
            assert first & 0x70 == 0 and size & 0x80 == 0, (first, size)
            if size == 126:
                size, = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                size, = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0x0f, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed() from None

    async def receive(self):
        """The next message: text as str, binary as bytes. Answers pings."""
        while True:
            opcode, payload = await self.receive_frame()
            if opcode == TEXT:
                return payload.decode()
            if opcode == BINARY:
                return payload
            if opcode == PING:
                self.send_frame(PONG, payload)
            if opcode == CLOSE:
                self.cut()
                raise Closed(struct.unpack("!H", payload[:2])[0] if payload else None)

    def cut(self):
        """As a network does: without a goodbye."""
        self.writer.transport.abort()


async def open_socketio(port, space="", auth=None):
    """A WebSocket on which a Socket.IO client has connected to that namespace."""
    websocket = await WebSocket.open(port, "/socket.io/?EIO=4&transport=websocket")
    head = "40" + (space + "," if space else "")
    opened = await websocket.receive()
    assert opened.startswith("0{"), opened
    websocket.send(head + (json.dumps(auth) if auth is not None else ""))
    answer = await websocket.receive()
    assert answer.startswith(head + '{"sid":'), answer
    return websocket
