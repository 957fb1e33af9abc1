const station = "http://localhost:5000";

async function collect() {
  const answer = await fetch(`${station}/v1/queue/next`, { method: "POST" });
  const { data, message } = await answer.json();
  if (!answer.ok) throw new Error(message);
  return data; // null: nothing waits
}

for (let scan; (scan = await collect()); ) console.log(scan.code, scan.collected_at);
