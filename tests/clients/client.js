// One Socket.IO client, driven by lines: see drive.py.  client.js MODULE MODE URL
const [name, mode, url] = process.argv.slice(2);
const client = require(name);
const io = client.io || client; // version 2 is the function itself
const transports = mode === "upgrade" ? ["polling", "websocket"] : [mode];
const socket = io(url, { transports, reconnectionDelay: 50, reconnectionDelayMax: 200, timeout: 2000 });
const waiting = new Map(); // those without an ack; sent again after each connect

function send(code, value) {
  socket.emit("message", value, (ack) => {
    if (waiting.delete(code)) console.log("ack", code, JSON.stringify(ack));
  });
}

socket.on("connect", () => {
  const { engine } = socket.io;
  console.log("connected", engine.transport.name);
  engine.once("upgrade", () => console.log("upgraded", engine.transport.name));
  waiting.forEach((value, code) => send(code, value));
});
socket.on("disconnect", () => console.log("disconnected"));

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [, code, json] = /^(\S+) (.*)$/.exec(line);
  waiting.set(code, JSON.parse(json));
  if (socket.connected) send(code, waiting.get(code));
}).on("close", () => process.exit());
