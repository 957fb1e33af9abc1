"""Readers of the station's events, by each of the three ways. Each holds what it gets against the rule:
every event once, in the order of its number."""

import asyncio
import struct

import wire

PAUSE = 0.02  # before one that was cut off comes again


class Gap(Exception):
    """An event is missing, or has come twice."""


class Reader:
    """last: the number of the last event that it had, where it goes on; None: it takes what comes from
    now on. on_event, where there is one, is called with each event's JSON."""

    def __init__(self, last=0, on_event=None):
        self.last, self.on_event = last, on_event
        self.n_connections = 0
        self.reader = self.writer = None
        self.buffer = bytearray()

    async def open(self, port):
        self.buffer.clear()
        await self.connect(port)
        self.n_connections += 1

    async def read(self):
        """What has come by now, of however many events. Raises Closed at the end."""
        data = await self.reader.read(1 << 18)
        if not data:
            raise wire.Closed()
        self.buffer += data
        self.parse()

    async def follow(self, port, last):
        """Until that event; one that is dropped goes on where it was."""
        while self.last < last:
            try:
                await self.open(port)
                while self.last < last:
                    await self.read()
            except (wire.Closed, OSError, asyncio.IncompleteReadError):
                await self.cut()
                await asyncio.sleep(PAUSE)

    async def cut(self):
        if self.writer is not None:
            self.writer.transport.abort()

    def take(self, record):
        """{"seq":1,"event":…"""
        number = int(record[7:record.index(b",", 7)])
        if self.last is not None and number != self.last + 1:
            raise Gap("%s: %d came after %d" % (type(self).__name__, number, self.last))
        self.last = number
        if self.on_event is not None:
            self.on_event(record)


class SseReader(Reader):
    async def connect(self, port):
        self.reader, self.writer = await wire.connect(port)
        lines = ["GET /v1/events HTTP/1.1", "Host: 127.0.0.1:%d" % port, "Accept: text/event-stream"]
        if self.last is not None:
            lines.append("Last-Event-ID: %d" % self.last)
        self.writer.write("\r\n".join(lines + ["", ""]).encode())
        status, headers = await wire.read_head(self.reader)
        assert (status, headers["content-type"]) == (200, "text/event-stream"), (status, headers)

    def parse(self):
        """id: 1, event: queued, data: {…}, each on its line; and comments."""
        start = 0
        while (end := self.buffer.find(b"\n\n", start)) >= 0:
            if self.buffer[start] != ord(":"):
                event = self.buffer[start:end]
                self.take(event[event.index(b"\ndata: ") + 7:])
                assert event.startswith(b"id: %d\nevent: " % self.last), event[:40]
            start = end + 2
        del self.buffer[:start]


class WebSocketReader(Reader):
    async def connect(self, port):
        query = "" if self.last is None else "?after=%d" % self.last
        self.use(await wire.WebSocket.open(port, "/v1/events" + query))

    def use(self, websocket):
        self.websocket = websocket
        self.reader, self.writer = websocket.reader, websocket.writer

    def parse(self):
        """Frames, without a mask and in one piece each."""
        buffer, start = self.buffer, 0
        while len(buffer) >= start + 10 or len(buffer) >= start + 2 and buffer[start + 1] < 126:
            opcode, size, payload = buffer[start] & 0xf, buffer[start + 1], start + 2
            if size == 126:
                payload += 2
                size = buffer[start + 2] << 8 | buffer[start + 3]
            elif size == 127:
                payload += 8
                size, = struct.unpack_from("!Q", buffer, start + 2)
            if payload + size > len(buffer):
                break
            start = payload + size
            self.take_frame(opcode, buffer[payload:start])
        del buffer[:start]

    def take_frame(self, opcode, payload):
        if opcode == wire.TEXT:
            self.take_text(payload)
        elif opcode == wire.PING:
            self.websocket.send_frame(wire.PONG, payload)
        elif opcode == wire.CLOSE:
            raise wire.Closed(*struct.unpack_from("!H", payload))

    def take_text(self, text):
        self.take(text)


class SocketIoReader(WebSocketReader):
    HEAD = b'42/events,["event",'

    async def connect(self, port):
        self.use(await wire.open_socketio(port, "/events", {"after": self.last}))

    def take_text(self, text):
        if text.startswith(self.HEAD):
            self.take(text[len(self.HEAD):-1])
        elif text == b"2":
            self.websocket.send("3")
        else:
            raise wire.Closed(text)  # 41/events,


KINDS = [SocketIoReader, WebSocketReader, SseReader]
