//! The tables: what each server did, and the goals.

use super::figures::{Figures, Report, Sample};
use super::servers::{BARE_ANSWER, BARE_PARSE, DURABLE, FERRO, SHARDBROOK};
use crate::figures::{row, short, time};

const MIB: f64 = 1024.0 * 1024.0;
/// Bytes of data in a record.
const RECORD: f64 = 100.0;

/// How the figure of a work is told.
type Tell = fn(Sample) -> String;

/// The works, what they are called, and how their figures are told.
const WORKS: [(&str, &str, Tell); 6] = [
    ("put_record", "PutRecord, 100 B", requests),
    ("put_records", "PutRecords, 500 × 100 B", records),
    ("get_records", "GetRecords, 10,000 × 100 B", bytes),
    ("put_record_h2", "PutRecord, HTTP/2", requests),
    ("put_records_h2", "PutRecords, HTTP/2", records),
    ("get_records_h2", "GetRecords, HTTP/2", bytes),
];

/// At least so many times the speed of another work or server.
struct Goal {
    what: &'static str,
    of: (&'static str, &'static str),
    beside: (&'static str, &'static str),
    least: f64,
}

const GOALS: [Goal; 9] = [
    goal("PutRecord beside the bare answer", (SHARDBROOK, "put_record"), (BARE_ANSWER, "put_record"), 0.6),
    goal("PutRecord beside ferrokinesis", (SHARDBROOK, "put_record"), (FERRO, "put_record"), 2.0),
    goal("PutRecords beside the bare parser", (SHARDBROOK, "put_records"), (BARE_PARSE, "put_records"), 0.5),
    goal("PutRecords beside ferrokinesis", (SHARDBROOK, "put_records"), (FERRO, "put_records"), 30.0),
    goal("GetRecords beside ferrokinesis", (SHARDBROOK, "get_records"), (FERRO, "get_records"), 5.0),
    goal("PutRecord, HTTP/2 beside 1.1", (SHARDBROOK, "put_record_h2"), (SHARDBROOK, "put_record"), 0.7),
    goal("PutRecords, HTTP/2 beside 1.1", (SHARDBROOK, "put_records_h2"), (SHARDBROOK, "put_records"), 0.7),
    goal("GetRecords, HTTP/2 beside 1.1", (SHARDBROOK, "get_records_h2"), (SHARDBROOK, "get_records"), 0.7),
    goal("bare answer, HTTP/2 beside 1.1", (BARE_ANSWER, "put_record_h2"), (BARE_ANSWER, "put_record"), 0.0),
];
/// Records a second that are on the disk before they are acknowledged.
const DURABLE_RECORDS: f64 = 200_000.0;
/// The memory after the load, beside what is stored, and what it may be beyond that.
const MEMORY: (f64, f64) = (1.5, 16.0 * MIB);

const fn goal(
    what: &'static str,
    of: (&'static str, &'static str),
    beside: (&'static str, &'static str),
    least: f64,
) -> Goal {
    Goal { what, of, beside, least }
}

/// Prints what was measured; `absent` are the servers that could not be had, and why.
pub(super) fn print(report: &Report, absent: &[(&str, String)]) {
    if !report.pinned {
        println!("client and servers share one core: the ratios say little");
    }
    print_figures(report, absent);
    println!();
    print_goals(report);
    for (name, why) in absent {
        println!("{name} was not to be had: {why}");
    }
    for server in &report.servers {
        for failure in &server.failures {
            println!("{} failed: {failure}", server.name);
        }
    }
}

/// A line for each work, a column for each server.
fn print_figures(report: &Report, absent: &[(&str, String)]) {
    let line = |what: &str, cell: &dyn Fn(&Figures) -> Option<String>| {
        let cells = report.servers.iter().map(|server| cell(server).unwrap_or_else(|| "-".into()));
        let cells = cells.chain(absent.iter().map(|_| "absent".into()));
        let cells: String = cells.map(|cell| format!(" {cell:>17}")).collect();
        println!("{what:34}{cells}");
    };
    let names = report.servers.iter().map(|server| &*server.name).chain(absent.iter().map(|(name, _)| *name));
    println!("{:34}{}", "", names.map(|name| format!(" {name:>17}")).collect::<String>());
    line("first answer, quickest / median", &|server| {
        server.first_answer_ms().map(|(best, middle)| format!("{best:.0} / {middle:.0} ms"))
    });
    line("memory before / after the load", &|server| {
        server.memory().map(|it| format!("{:.0} / {:.0} MiB", it.before / MIB, it.after / MIB))
    });
    line("keys and data stored by it", &|server| {
        server.memory().map(|it| format!("{:.0} MiB", it.stored / MIB))
    });
    for (name, what, figure) in WORKS {
        line(what, &|server| server.work(name).map(figure));
        line("  p50 / p99", &|server| {
            let sample = server.work(name)?;
            Some(format!("{} / {}", time(sample.p50_us * 1e3), time(sample.p99_us * 1e3)))
        });
        line("  share of its core", &|server| {
            server.work(name).map(|sample| format!("{:.0} %", sample.busy * 100.0))
        });
    }
}

fn print_goals(report: &Report) {
    // By the time of the server's core, a ratio does not depend on what else the machine does.
    println!("{:48} {:>16} {:>26}  goal", "beside", "ratio", "of, and by time of the core");
    if let (Some((ours, _)), Some((theirs, _))) =
        (first_answer(report, SHARDBROOK), first_answer(report, FERRO))
    {
        let ratio = ours / theirs;
        row(
            "first answer beside ferrokinesis",
            &times(ratio),
            &format!("{theirs:.0} ms"),
            "<= 1 ×",
            Some(ratio <= 1.0),
        );
    }
    if let Some(memory) = report.server(SHARDBROOK).and_then(Figures::memory) {
        let allowed = memory.stored * MEMORY.0 + MEMORY.1;
        let (figure, beside) =
            (format!("{:.0} MiB", memory.after / MIB), format!("{:.0} MiB", allowed / MIB));
        row("memory beside 1.5 × stored + 16 MiB", &figure, &beside, "<=", Some(memory.after <= allowed));
    }
    let sample = |(server, work): (&str, &str)| report.server(server)?.work(work);
    for Goal { what, of, beside, least } in GOALS {
        let (Some(ours), Some(theirs)) = (sample(of), sample(beside)) else { continue };
        let ratio = ours.rate / theirs.rate;
        let tell =
            WORKS.iter().find(|(name, ..)| *name == beside.1).map_or(requests as fn(_) -> _, |work| work.2);
        let (goal, met) = if least > 0.0 {
            (format!(">= {}", times(least)), Some(ratio >= least))
        } else {
            (String::new(), None)
        };
        let of_core = times(ours.rate_of_core() / theirs.rate_of_core());
        row(what, &times(ratio), &format!("{}, core {of_core}", tell(theirs)), &goal, met);
    }
    if let Some(durable) = sample((DURABLE, "put_records")) {
        let goal = format!("{}/s", short(DURABLE_RECORDS));
        row(
            "PutRecords, on the disk first",
            &records(durable),
            "",
            &goal,
            Some(durable.records >= DURABLE_RECORDS),
        );
    }
}

fn first_answer(report: &Report, server: &str) -> Option<(f64, f64)> {
    report.server(server)?.first_answer_ms()
}

/// A ratio: as a share where it is one.
fn times(ratio: f64) -> String {
    if ratio < 1.5 { format!("{:.0} %", ratio * 100.0) } else { format!("{ratio:.1} ×") }
}

fn requests(sample: Sample) -> String {
    format!("{}/s", short(sample.rate))
}

fn records(sample: Sample) -> String {
    format!("{} rec/s", short(sample.records))
}

fn bytes(sample: Sample) -> String {
    format!("{}B/s", short(sample.records * RECORD))
}
