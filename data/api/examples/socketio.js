import { io } from "socket.io-client";

const station = "http://localhost:5000";
const socket = io(station); // from elsewhere: io(station, { auth: { token } })
socket.emit("message", "4006381333931", (answer) => console.log(answer)); // { ok: true, uuid, state }

let after = 0;
const events = io(`${station}/events`, { auth: (give) => give({ after }) });
events.on("event", (event) => {
  console.log(event.seq, event.event, event.scan?.code);
  after = event.seq;
});
