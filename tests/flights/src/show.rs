//! What a person sees: a bar while it runs, tables when it is done.
#![allow(clippy::print_stdout, reason = "this is what the program is for")]

use core::time::Duration;
use std::path::Path;

use console::style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shardbrook::{HashKey, HashRange, ShardId};
use shardbrook_flights::{HotShard, Progress, Report, Round, Shard, Stage, count};

/// Signs of the longest bar in the table of shards.
const BAR_WIDTH: usize = 10;

/// Progress: a bar on a terminal, a line for each tenth elsewhere.
pub(crate) struct Bar {
    bar: ProgressBar,
    what: &'static str,
    total: usize,
}

impl Bar {
    pub(crate) fn new(what: &'static str, total: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(15));
        let layout = "  {prefix:<9}{bar:40.cyan/237} {human_pos:>8} flights  {msg:.dim}";
        if let Ok(layout) = ProgressStyle::with_template(layout) {
            bar.set_style(layout.progress_chars("━╸━"));
        }
        bar.set_prefix(what);
        Self { bar, what, total }
    }

    pub(crate) fn set(&self, progress: &Progress) {
        let before = self.bar.position() as usize;
        self.bar.set_position(progress.flights as u64);
        let date = progress.time_hour.map(|time| time.to_string());
        let date = date.as_deref().map_or("", |date| &date[..10]);
        if !self.bar.is_hidden() {
            self.bar.set_message(date.to_owned());
        } else if before * 10 / self.total < progress.flights * 10 / self.total {
            println!(
                "{:<9}{:>8} of {} flights  {date}",
                self.what,
                count(progress.flights),
                count(self.total)
            );
        }
    }

    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// Prints everything there is to know.
pub(crate) fn report(report: &Report, parse_time: Duration, folder: &Path) {
    println!();
    println!(
        "{} flights with {} tail numbers: {} in, read back and delivered",
        style(count(report.flights)).bold(),
        count(report.keys),
        megabytes(report.put_bytes),
    );
    shards(report);
    objects(report, folder);
    rates(report, parse_time);
    checks(report);
    println!();
    println!("{}  {}", style("digest").bold(), style(&report.digest).cyan().bold());
}

fn shards(report: &Report) {
    heading(&format!(
        "{:>5}  {:<17}{:>8}{:>9}{:>8}{:>8}",
        "Shard", "hash keys", "range", "records", "MB", "share"
    ));
    let most = report.shards.iter().map(|shard| shard.records).max().unwrap_or(0).max(1) as f64;
    for shard in &report.shards {
        println!(
            "{:>5}  {}…{}{:>8}{:>9}{:>8.1}{:>8}  {}  {}",
            number(shard.id),
            first_digits(shard.range.starting_hash_key),
            first_digits(shard.range.ending_hash_key),
            percent(part_of_all_keys(shard)),
            count(shard.records as usize),
            shard.bytes as f64 / 1e6,
            percent(shard.records as f64 / report.flights.max(1) as f64),
            style(bar(shard.records as f64 / most)).cyan(),
            style(history(report, shard)).dim(),
        );
    }
}

/// A bar of at most [`BAR_WIDTH`] signs, to the eighth of one.
fn bar(part: f64) -> String {
    let eighths = (part * (BAR_WIDTH * 8) as f64).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{:<BAR_WIDTH$}", "█".repeat(eighths / 8) + rest)
}

/// Where a shard came from and what became of it.
fn history(report: &Report, shard: &Shard) -> String {
    let list = |ids: &mut dyn Iterator<Item = ShardId>| ids.map(number).collect::<Vec<_>>().join(" + ");
    let parents = list(&mut shard.parents.into_iter().flatten());
    let children = report.shards.iter().filter(|other| other.parents.contains(&Some(shard.id)));
    let children = list(&mut children.map(|child| child.id));
    let mut parts = Vec::new();
    if !parents.is_empty() {
        parts.push(format!("from {parents}"));
    }
    if !shard.is_open {
        parts.push(format!("to {children}"));
    }
    parts.join(", ")
}

fn objects(report: &Report, folder: &Path) {
    heading("Objects");
    let objects = &report.objects;
    println!(
        "  {} objects, {} of gzip from {}: ratio {:.1}",
        count(objects.count),
        megabytes(objects.bytes),
        megabytes(report.delivered.bytes),
        report.delivered.bytes as f64 / objects.bytes.max(1) as f64,
    );
    println!("  {}", style(format!("written to {}", folder.display())).dim());
}

fn rates(report: &Report, parse_time: Duration) {
    heading(&format!("{:<44}{:>8}{:>14}{:>10}", "Stage", "s", "records/s", "MB/s"));
    let line = |name: &str, time: Duration| {
        let seconds = time.as_secs_f64().max(1e-9);
        format!(
            "  {name:<42}{seconds:>8.2}{:>14}{:>10.0}",
            count((report.flights as f64 / seconds) as usize),
            report.put_bytes as f64 / 1e6 / seconds,
        )
    };
    println!("{}", style(line("parse the CSV", parse_time)).dim());
    for stage in Stage::ALL {
        let text = line(name(stage), report.stages.of(stage));
        println!("{}", if stage.is_pipeline() { style(text) } else { style(text).dim() });
    }
    println!("{}", style(line("the job: write to read", report.stages.pipeline())).bold());
    if let Some(peak) = peak_memory() {
        println!("  peak memory {} MiB", peak >> 20);
    }
}

fn checks(report: &Report) {
    heading("Checks");
    for check in report.checks() {
        let mark = if check.passed { style("✓").green() } else { style("✗ FAILED").red() };
        println!("  {} {:<26}{}", mark.bold(), check.name, style(check.detail).dim());
    }
}

/// Prints what the quotas let through.
pub(crate) fn quotas(rounds: &[Round]) {
    println!();
    println!(
        "{}, keyed by airport, not aggregated, the year in one minute, with the quotas of AWS",
        style("The same flights").bold()
    );
    for (number, round) in rounds.iter().enumerate() {
        heading(&format!(
            "{:>5}  {:<17}  {:<12}{:>9}{:>9}{:>11}{:>9}",
            "Shard", "hash keys", "airports", "records", "taken", "throttled", "share"
        ));
        for shard in &round.shards {
            hot_shard(shard);
        }
        println!("  {}", in_words(rounds, number));
    }
}

fn hot_shard(shard: &HotShard) {
    let keys: Vec<&str> = shard.keys.iter().map(|offered| offered.key.as_str()).collect();
    let (taken, throttled) = (shard.taken(), shard.throttled());
    let part = taken as f64 / (taken + throttled).max(1) as f64;
    let line = format!(
        "{:>5}  {}…{}  {:<12}{:>9}{:>9}{:>11}{:>9}",
        number(shard.id),
        first_digits(shard.range.start()),
        first_digits(shard.range.end()),
        keys.join(" "),
        count(taken + throttled),
        count(taken),
        count(throttled),
        if keys.is_empty() { "–".to_owned() } else { percent(part) },
    );
    println!("{}  {}", line, style(if keys.is_empty() { String::new() } else { bar(part) }).cyan());
}

/// What a round shows.
fn in_words(rounds: &[Round], number: usize) -> String {
    let round = &rounds[number];
    let offered: usize = round.shards.iter().map(|shard| shard.taken() + shard.throttled()).sum();
    let share = percent(round.taken() as f64 / offered.max(1) as f64);
    let hottest = round.shards.iter().flat_map(|shard| &shard.keys).max_by_key(|of| of.taken + of.throttled);
    let Some(hottest) = hottest else { return String::new() };
    let rate = count((hottest.taken + hottest.throttled) / 60);
    match number.checked_sub(1).map(|before| rounds[before].taken()) {
        None => format!("{share} taken: a shard takes 1,000 records a second, whichever keys they have."),
        Some(before) if round.taken() > before => format!(
            "{share} taken: what was throttled is split, which helps where two airports shared a shard."
        ),
        Some(_) => format!(
            "{share} taken, split once more: {} alone has {rate} records/s, and one key cannot be spread.",
            hottest.key
        ),
    }
}

const fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Write => "write records",
        Stage::Aggregate => "aggregate by shard",
        Stage::Put => "put into the stream",
        Stage::Deliver => "deliver: take apart, compress, store",
        Stage::Read => "read in order, take apart",
        Stage::CheckRead => "compare what was read",
        Stage::CheckDelivered => "decompress and compare what was delivered",
        Stage::Digest => "digest of the objects",
        _ => "",
    }
}

fn heading(text: &str) {
    println!();
    println!("{}", style(text).bold());
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The shard's number, without what all ids begin with.
fn number(id: ShardId) -> String {
    let text = id.to_string();
    let digits = text.trim_start_matches("shardId-").trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

/// A hash key's first eight of 32 hexadecimal digits.
fn first_digits(key: HashKey) -> String {
    format!("{:08x}", key.to_bits() >> 96)
}

/// The part of all hash keys that a shard has.
fn part_of_all_keys(shard: &Shard) -> f64 {
    let range = HashRange::new(shard.range.starting_hash_key, shard.range.ending_hash_key);
    range.map_or(0.0, |range| range.share(1000) as f64 / 1000.0)
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// The most memory that this process had at a time, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}
