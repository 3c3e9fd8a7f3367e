// The page of the flights: takes a file, or the address in `?csv=`, runs the job, and shows what comes out.
import * as shardbrook from "shardbrook";
import { runFlights } from "../job.mjs";

const element = (id) => document.getElementById(id);
const count = new Intl.NumberFormat("en");

/** Runs the job on a text; `load` gives it. */
async function run(load) {
  element("choose").hidden = true;
  element("error").hidden = true;
  element("run").hidden = false;
  try {
    await show("reading the file", 0);
    const csv = await load();
    const started = performance.now();
    const result = await runFlights(shardbrook, csv, show);
    showResult(result, (performance.now() - started) / 1000);
    await show("done", 1);
  } catch (error) {
    element("error").hidden = false;
    element("error").textContent = error.message;
    element("choose").hidden = false;
    element("run").hidden = true;
  }
}

let shownAt = 0;

/** Shows how far a stage is, and lets the browser paint now and then. */
async function show(stage, done) {
  const isDue = performance.now() - shownAt > 40 || element("stage").textContent !== stage;
  if (!isDue) return;
  element("stage").textContent = stage;
  element("percent").textContent = `${Math.floor(done * 100)} %`;
  element("progress").value = done;
  await new Promise((resolve) => setTimeout(resolve));
  shownAt = performance.now();
}

function showResult(result, seconds) {
  const figures = {
    "flights put": count.format(result.total),
    "read in order": count.format(result.read),
    delivered: count.format(result.delivered),
    "gzipped objects": count.format(result.objects),
    "times smaller": (result.deliveredBytes / result.objectBytes).toFixed(1),
    "flights a second": count.format(Math.round(result.total / seconds)),
  };
  element("figures").replaceChildren(
    ...Object.entries(figures).map(([name, figure]) => make("div", {}, make("dt", {}, name), make("dd", {}, figure))),
  );
  element("shards").replaceChildren(...result.table.map((row) => showShard(row, result.total)));
  element("digest").textContent = result.digest;
  element("result").hidden = false;
}

function showShard({ shard, range, isOpen, records, bytes }, total) {
  const share = (100 * records) / total;
  const bar = make("span", { className: "bar" }, make("i", { style: `width: ${share}%` }));
  const hex = (hashKey) => `${BigInt(hashKey).toString(16).padStart(32, "0").slice(0, 4)}…`;
  return make(
    "tr",
    { className: isOpen ? "open" : "closed" },
    make("td", {}, shard),
    make("td", {}, make("code", {}, `${hex(range.StartingHashKey)} to ${hex(range.EndingHashKey)}`)),
    make("td", {}, isOpen ? "open" : "closed"),
    make("td", { className: "number" }, count.format(records)),
    make("td", { className: "number" }, count.format(bytes)),
    make("td", {}, bar, `${share.toFixed(1)} %`),
  );
}

function make(name, attributes, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

async function fetchText(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.text();
}

const choose = element("choose");
element("file").addEventListener("change", ({ target }) => run(() => target.files[0].text()));
choose.addEventListener("dragover", (event) => {
  event.preventDefault();
  choose.classList.add("over");
});
choose.addEventListener("dragleave", () => choose.classList.remove("over"));
choose.addEventListener("drop", (event) => {
  event.preventDefault();
  choose.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file !== undefined) run(() => file.text());
});

const address = new URLSearchParams(location.search).get("csv");
if (address !== null) run(() => fetchText(address));
