const station = "http://localhost:5000";
let last = 0; // of the events that were dealt with; keep it on disk, and nothing is missed or done twice

async function follow() {
  const headers = { Accept: "text/event-stream" };
  const answer = await fetch(`${station}/v1/events?after=${last}`, { headers });
  let text = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const records = (text + part).split("\n\n");
    text = records.pop();
    for (const record of records) {
      const data = /^data: (.*)$/m.exec(record);
      if (!data) continue; // a sign of life
      const event = JSON.parse(data[1]);
      console.log(event.seq, event.event, event.scan?.code);
      last = event.seq;
    }
  }
}

for (;;) {
  await follow().catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
