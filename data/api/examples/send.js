const station = "http://localhost:5000";

// Until there is an answer: however often it is sent, the key makes it one scan.
async function send(code, key) {
  for (;;) {
    const answer = await fetch(`${station}/v1/scans`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code, key }),
    }).catch(() => null);
    if (answer?.ok) return (await answer.json()).data;
    if (answer && answer.status < 500) throw new Error((await answer.json()).message);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const scan = await send("4006381333931", crypto.randomUUID());
console.log(scan.uuid, scan.state);
