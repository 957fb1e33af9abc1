const station = "http://localhost:5000";

async function* listScans(filters) {
  for (let after = 0; ; ) {
    const query = new URLSearchParams({ ...filters, after, limit: 1000 });
    const answer = await fetch(`${station}/v1/scans?${query}`);
    const { data, message } = await answer.json();
    if (!answer.ok) throw new Error(message);
    if (data.length === 0) return;
    yield* data;
    after = data.at(-1).id;
  }
}

for await (const scan of listScans({ q: "4006" })) console.log(scan.id, scan.code, scan.scanned_at);
