// Socket.IO by hand over a plain WebSocket, driven by lines: see drive.py.  client-ws.js URL
const { WebSocket } = require("ws");
const waiting = new Map(); // those without an ack; sent again after each connect
const codes = []; // by the id of their ack
let socket;

function send(code, value) {
  socket.send("42" + (codes.push(code) - 1) + JSON.stringify(["message", value]));
}

function receive(text) {
  const ack = /^43(\d+)\[(.*)\]$/.exec(text);
  if (text[0] === "0") socket.send("40");
  if (text === "2") socket.send("3");
  if (text.startsWith("40")) {
    console.log("connected websocket");
    waiting.forEach((value, code) => send(code, value));
  }
  if (ack && waiting.delete(codes[ack[1]])) console.log("ack", codes[ack[1]], ack[2]);
}

function connect() {
  let isOpen = false;
  socket = new WebSocket(process.argv[2] + "/socket.io/?EIO=4&transport=websocket");
  socket.on("message", (data) => receive(data.toString()));
  socket.on("open", () => { isOpen = true; });
  socket.on("error", () => {});
  socket.on("close", () => {
    if (isOpen) console.log("disconnected");
    setTimeout(connect, 50);
  });
}

connect();
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [, code, json] = /^(\S+) (.*)$/.exec(line);
  waiting.set(code, JSON.parse(json));
  if (socket.readyState === WebSocket.OPEN) send(code, waiting.get(code));
}).on("close", () => process.exit());
