//! The table of figures and goals.

use anyhow::{Result, ensure};

use super::samples::{Sample, Samples};
use crate::figures::{row, short, time};

/// A line of the table.
struct Line {
    /// The benchmark.
    name: &'static str,
    what: &'static str,
    figure: Figure,
    /// What the figure is compared with.
    beside: Option<&'static str>,
    goal: Option<Goal>,
}

/// How a benchmark's time is told.
enum Figure {
    /// A round's time.
    Time,
    /// The time of one item of a round.
    TimeEach,
    /// Items a second; what they are called.
    Rate(&'static str),
}

/// Where the project wants to be.
enum Goal {
    /// At least so many items a second.
    Rate(f64),
    /// At most so many nanoseconds a round.
    Nanos(f64),
    /// At least this share of the speed of what it is compared with.
    Share(f64),
    /// At most so many times the time of what it is compared with.
    Ratio(f64),
}

/// A line of something that is to take 1.2 times as long as what it is compared with, at most.
const fn no_slower(name: &'static str, what: &'static str, beside: &'static str) -> Line {
    Line { name, what, figure: Figure::TimeEach, beside: Some(beside), goal: Some(Goal::Ratio(1.2)) }
}

const LINES: [Line; 42] = [
    Line {
        name: "put_records/engine",
        what: "PutRecords, 500 × 100 B, JSON in and out",
        figure: Figure::Rate(" records"),
        beside: Some("put_records/bare"),
        goal: Some(Goal::Rate(2e6)),
    },
    Line {
        name: "get_records/engine",
        what: "GetRecords, 500 × 100 B, JSON in and out",
        figure: Figure::Rate(" records"),
        beside: Some("get_records/bare"),
        goal: None,
    },
    Line {
        name: "stream_path/engine",
        what: "flights: aggregate, put, read, take apart",
        figure: Figure::Rate(" records"),
        beside: Some("stream_path/bare"),
        goal: Some(Goal::Rate(5e5)),
    },
    Line {
        name: "pipeline/engine",
        what: "flights: all that and gzip objects",
        figure: Figure::Rate("B"),
        beside: Some("pipeline/bare"),
        goal: Some(Goal::Share(0.6)),
    },
    Line {
        name: "create/engine",
        what: "a new engine",
        figure: Figure::Time,
        beside: None,
        goal: Some(Goal::Nanos(1e6)),
    },
    Line {
        name: "create/10000_shards",
        what: "a new engine with 10,000 shards",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    Line {
        name: "create/10000_to_5000_shards",
        what: "UpdateShardCount from 10,000 to 5,000",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    Line {
        name: "put_record/10_streams",
        what: "PutRecord among 10 streams, typed",
        figure: Figure::TimeEach,
        beside: None,
        goal: None,
    },
    Line {
        name: "put_record/1000_streams",
        what: "PutRecord among 1,000 streams",
        figure: Figure::TimeEach,
        beside: Some("put_record/10_streams"),
        goal: Some(Goal::Share(0.5)),
    },
    Line {
        name: "read/start",
        what: "GetRecords of 100 at the start of 1,000,000",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    Line {
        name: "read/end",
        what: "GetRecords of 100 at the end of 1,000,000",
        figure: Figure::Time,
        beside: Some("read/start"),
        goal: Some(Goal::Share(0.5)),
    },
    Line {
        name: "reader/100_shards",
        what: "reading a record from each of 100 shards",
        figure: Figure::TimeEach,
        beside: None,
        goal: None,
    },
    Line {
        name: "reader/10000_shards",
        what: "reading a record from each of 10,000 shards",
        figure: Figure::TimeEach,
        beside: Some("reader/100_shards"),
        goal: Some(Goal::Share(0.5)),
    },
    Line {
        name: "hash/one_by_one",
        what: "hash of a partition key",
        figure: Figure::TimeEach,
        beside: Some("hash/bare"),
        goal: None,
    },
    Line {
        name: "hash/together",
        what: "hashes of partition keys, together",
        figure: Figure::TimeEach,
        beside: Some("hash/bare"),
        goal: None,
    },
    Line {
        name: "sequence_text/write",
        what: "text of a sequence number",
        figure: Figure::TimeEach,
        beside: None,
        goal: None,
    },
    Line {
        name: "sequence_text/read",
        what: "sequence number of a text",
        figure: Figure::TimeEach,
        beside: None,
        goal: None,
    },
    no_slower(
        "streams/DescribeStreamSummary_10_of_1000",
        "DescribeStreamSummary, 10 of 1,000 streams × 10 shards",
        "streams/DescribeStreamSummary_10",
    ),
    no_slower(
        "streams/DescribeStreamSummary_1000",
        "DescribeStreamSummary, all of 1,000 streams in turn",
        "streams/DescribeStreamSummary_10",
    ),
    no_slower(
        "streams/ListShards_10_of_1000",
        "ListShards, 10 of 1,000 streams × 10 shards",
        "streams/ListShards_10",
    ),
    no_slower("streams/ListShards_1000", "ListShards, all of 1,000 streams in turn", "streams/ListShards_10"),
    no_slower(
        "streams/AddTagsToStream_10_of_1000",
        "AddTagsToStream, 10 of 1,000 streams × 10 shards",
        "streams/AddTagsToStream_10",
    ),
    no_slower(
        "streams/AddTagsToStream_1000",
        "AddTagsToStream, all of 1,000 streams in turn",
        "streams/AddTagsToStream_10",
    ),
    no_slower(
        "streams/ListTagsForStream_10_of_1000",
        "ListTagsForStream, 10 of 1,000 streams × 10 shards",
        "streams/ListTagsForStream_10",
    ),
    no_slower(
        "streams/ListTagsForStream_1000",
        "ListTagsForStream, all of 1,000 streams in turn",
        "streams/ListTagsForStream_10",
    ),
    no_slower(
        "streams/PutRecord_10_of_1000",
        "PutRecord, 10 of 1,000 streams × 10 shards",
        "streams/PutRecord_10",
    ),
    no_slower("streams/PutRecord_1000", "PutRecord, all of 1,000 streams in turn", "streams/PutRecord_10"),
    no_slower(
        "streams/PutRecords_10_of_1000",
        "PutRecords, 10 of 1,000 streams × 10 shards",
        "streams/PutRecords_10",
    ),
    no_slower("streams/PutRecords_1000", "PutRecords, all of 1,000 streams in turn", "streams/PutRecords_10"),
    no_slower(
        "streams/GetRecords_10_of_1000",
        "GetRecords, 10 of 1,000 streams × 10 shards",
        "streams/GetRecords_10",
    ),
    no_slower("streams/GetRecords_1000", "GetRecords, all of 1,000 streams in turn", "streams/GetRecords_10"),
    Line {
        name: "streams/year",
        what: "a year over 1,000 idle streams",
        figure: Figure::Time,
        beside: None,
        goal: Some(Goal::Nanos(50e6)),
    },
    Line {
        name: "quotas/on",
        what: "PutRecords, 500 × 100 B, with quotas",
        figure: Figure::Rate(" records"),
        beside: Some("quotas/off"),
        goal: Some(Goal::Ratio(1.1)),
    },
    Line {
        name: "ten_million/read_start",
        what: "GetRecords of 100, start of 10,000,000",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    no_slower("ten_million/read_middle", "GetRecords of 100, middle of 10,000,000", "ten_million/read_start"),
    no_slower("ten_million/read_end", "GetRecords of 100, end of 10,000,000", "ten_million/read_start"),
    Line {
        name: "ten_million/at_number_start",
        what: "100 × AT_SEQUENCE_NUMBER, start of 10,000,000",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    no_slower(
        "ten_million/at_number_middle",
        "100 × AT_SEQUENCE_NUMBER, middle of 10,000,000",
        "ten_million/at_number_start",
    ),
    no_slower(
        "ten_million/at_number_end",
        "100 × AT_SEQUENCE_NUMBER, end of 10,000,000",
        "ten_million/at_number_start",
    ),
    Line {
        name: "ten_million/at_time_start",
        what: "100 × AT_TIMESTAMP, start of 10,000,000",
        figure: Figure::Time,
        beside: None,
        goal: None,
    },
    no_slower(
        "ten_million/at_time_middle",
        "100 × AT_TIMESTAMP, middle of 10,000,000",
        "ten_million/at_time_start",
    ),
    no_slower(
        "ten_million/at_time_end",
        "100 × AT_TIMESTAMP, end of 10,000,000",
        "ten_million/at_time_start",
    ),
];

/// Records a second that a start goes through.
const REPLAY_GOAL: f64 = 1e6;
/// What a record may take beyond its key and its data.
const MEMORY_GOAL: f64 = 32.0;

/// Prints what was measured; `memory` is what the benchmark of that name said.
pub(super) fn print(samples: &Samples, memory: &str) {
    println!("{:48} {:>16} {:>26}  goal", "what", "figure", "beside bare work");
    for line in &LINES {
        let Some(sample) = samples.get(line.name) else { continue };
        let beside = line.beside.and_then(|name| samples.get(name));
        let share = beside.map(|beside| sample.rate() / beside.rate());
        let beside = beside.zip(share).map(|(beside, share)| match line.goal {
            Some(Goal::Ratio(_)) => format!("{:.2} × {}", 1.0 / share, line.figure.text(beside)),
            _ => format!("{:.0} % of {}", share * 100.0, line.figure.text(beside)),
        });
        let (goal, met) = match line.goal {
            None => (String::new(), None),
            Some(Goal::Rate(rate)) => (format!("{}/s", short(rate).trim_end()), Some(sample.rate() >= rate)),
            Some(Goal::Nanos(nanos)) => (format!("< {}", time(nanos)), Some(sample.nanos < nanos)),
            Some(Goal::Ratio(goal)) => (format!("<= {goal} ×"), share.map(|share| 1.0 / share <= goal)),
            Some(Goal::Share(goal)) => (format!("{:.0} %", goal * 100.0), share.map(|share| share >= goal)),
        };
        row(line.what, &line.figure.text(sample), &beside.unwrap_or_default(), &goal, met);
    }
    print_memory(memory);
}

/// Of the lines for some numbers of records, the worst.
fn print_memory(said: &str) {
    let figures = said.lines().filter_map(|line| {
        let (what, bytes) = line.split_once(": ")?;
        Some((what, bytes.parse::<f64>().ok()?))
    });
    let (records, others): (Vec<_>, Vec<_>) = figures.partition(|(what, _)| what.ends_with("records"));
    if let Some((at, worst)) = records.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
        let what = "memory of a record beyond key and data, at worst";
        row(what, &format!("{worst:.0} B"), at, &format!("<= {MEMORY_GOAL} B"), Some(worst <= MEMORY_GOAL));
    }
    for (what, bytes) in others {
        row(&format!("memory of an {what}"), &format!("{bytes:.0} B"), "", "", None);
    }
}

/// What the server's benchmark says of journals that are gone through at the start.
pub(super) fn print_replay(said: &str) -> Result<()> {
    let figures = said.lines().filter_map(|line| {
        let (what, rate) = line.split_once(": ")?;
        Some((what, rate.strip_suffix(" records/s")?.parse::<f64>().ok()?))
    });
    let figures: Vec<_> = figures.collect();
    ensure!(
        figures.iter().any(|(what, _)| what.contains("PutRecords")),
        "the server's benchmark has no figures: {said}"
    );
    for (what, rate) in figures {
        // The goal is for requests of many records; a request of one costs more than its record.
        let has_goal = what.contains("PutRecords");
        let goal = if has_goal { format!("{}/s", short(REPLAY_GOAL).trim_end()) } else { String::new() };
        row(what, &format!("{} records/s", short(rate)), "", &goal, has_goal.then_some(rate >= REPLAY_GOAL));
    }
    Ok(())
}

impl Figure {
    fn text(&self, sample: Sample) -> String {
        match self {
            Self::Time => time(sample.nanos),
            Self::TimeEach => time(sample.nanos / sample.items),
            Self::Rate(unit) => format!("{}{unit}/s", short(sample.rate())),
        }
    }
}
