//! The flights: a CSV file, kept compactly, in the order in which they are put.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use csv::{ByteRecord, ReaderBuilder, Trim};
use shardbrook::Timestamp;

use crate::START;

/// The column whose text is the partition key.
const KEY_COLUMN: &str = "tailnum";
/// The column that orders the flights and makes their batches.
const TIME_COLUMN: &str = "time_hour";
/// The column with the airport of departure; there may be none.
const ORIGIN_COLUMN: &str = "origin";
/// The longest partition key, in characters.
const MAX_KEY_CHARS: usize = 256;
/// How much faster virtual time goes than the flights' own: a year of 8,760 hours takes one.
const SPEED: u64 = 8760;
/// Ends each value in memory: JSON text has no such byte.
const END: u8 = 0;

/// All flights of an input, in the order in which they are put: by `time_hour`, then as in the file.
#[derive(Debug)]
pub struct Flights {
    /// What stands before each value in a record: `{"year":"`, `","month":"` and so on.
    leads: Vec<String>,
    /// The values of all rows as JSON text without quotes, each followed by [`END`].
    values: Vec<u8>,
    rows: Vec<Row>,
    /// The place of the airport among the values of a row.
    origin: Option<usize>,
    keys: Vec<String>,
    key_ids: HashMap<String, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    time: Timestamp,
    /// Where the row's values start.
    start: usize,
    key: u32,
}

/// One flight.
#[derive(Clone, Copy, Debug)]
pub struct Flight<'f> {
    flights: &'f Flights,
    row: Row,
}

/// The flights of one `time_hour`, which are put at one time.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'f> {
    /// When the batch is put.
    pub put_at: Timestamp,
    /// The hour that its flights have in common.
    pub time_hour: Timestamp,
    flights: &'f Flights,
    rows: &'f [Row],
}

impl Flights {
    /// Reads a CSV file, or its first `limit` rows.
    ///
    /// # Errors
    /// When the file cannot be read, lacks a column, or has a row that is no flight; the error says where.
    pub fn open(path: &Path, limit: Option<usize>) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
        let size = file.metadata().map_or(0, |metadata| metadata.len() as usize);
        Self::read(file, &name, if limit.is_some() { 0 } else { size }, limit)
    }

    /// As [`open`](Self::open), for an input called `name` of about `size` bytes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(input: impl Read, name: &str, size: usize, limit: Option<usize>) -> Result<Self> {
        // Rows of any length are let through, because the check here can name the column that is missing.
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::None).from_reader(input);
        let columns = Columns::of(reader.byte_headers().with_context(|| format!("cannot read {name}"))?)
            .with_context(|| format!("{name}, line 1"))?;
        let mut flights = Self {
            leads: columns.leads(),
            values: Vec::with_capacity(size),
            rows: Vec::new(),
            origin: columns.origin(),
            keys: Vec::new(),
            key_ids: HashMap::new(),
        };
        let mut record = ByteRecord::new();
        while limit.is_none_or(|limit| flights.rows.len() < limit) {
            if !reader.read_byte_record(&mut record).with_context(|| format!("cannot read {name}"))? {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            flights.add(&columns, &record).with_context(|| format!("{name}, line {line}"))?;
        }
        ensure!(!flights.rows.is_empty(), "{name} has no flights");
        flights.values.shrink_to_fit();
        flights.rows.sort_by_key(|row| row.time);
        Ok(flights)
    }

    fn add(&mut self, columns: &Columns, record: &ByteRecord) -> Result<()> {
        let names = &columns.names;
        if let Some(missing) = names.get(record.len()) {
            bail!("column {missing} is missing: {} values for {} columns", record.len(), names.len());
        }
        ensure!(
            record.len() == names.len(),
            "value {} is beyond the last column, {}",
            names.len() + 1,
            names[names.len() - 1]
        );
        let start = self.values.len();
        for (value, name) in record.iter().zip(names) {
            let text = core::str::from_utf8(value).with_context(|| format!("column {name} is not UTF-8"))?;
            if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
                let quoted = serde_json::to_string(text)?;
                self.values.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
            } else {
                self.values.extend_from_slice(value);
            }
            self.values.push(END);
        }
        let text = |column: usize| core::str::from_utf8(&record[column]).unwrap_or_default();
        let time = parse_time(text(columns.time)).with_context(|| format!("column {TIME_COLUMN}"))?;
        let key = self.key_id(text(columns.key)).with_context(|| format!("column {KEY_COLUMN}"))?;
        self.rows.push(Row { time, start, key });
        Ok(())
    }

    /// The number of a partition key, a new one if it was not met before.
    fn key_id(&mut self, key: &str) -> Result<u32> {
        if let Some(&id) = self.key_ids.get(key) {
            return Ok(id);
        }
        let chars = key.chars().count();
        ensure!(
            (1..=MAX_KEY_CHARS).contains(&chars),
            "a partition key has 1 to {MAX_KEY_CHARS} characters, this text has {chars}"
        );
        let id = self.keys.len() as u32;
        self.keys.push(key.to_owned());
        self.key_ids.insert(key.to_owned(), id);
        Ok(id)
    }

    /// How many flights there are.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The partition keys, in order of their first appearance in the file.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The number of a partition key: its place in [`keys`](Self::keys).
    pub fn find_key(&self, key: &str) -> Option<usize> {
        self.key_ids.get(key).map(|&id| id as usize)
    }

    /// The flight that is put as number `index`.
    pub fn flight(&self, index: usize) -> Flight<'_> {
        Flight { flights: self, row: self.rows[index] }
    }

    /// Whether flights have an [`origin`](Flight::origin).
    pub fn have_origins(&self) -> bool {
        self.origin.is_some()
    }

    /// All flights, in put order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Flight<'_>> {
        self.rows.iter().map(|&row| Flight { flights: self, row })
    }

    /// The flights by `time_hour`, in put order.
    pub fn batches(&self) -> impl Iterator<Item = Batch<'_>> {
        self.rows.chunk_by(|a, b| a.time == b.time).map(|rows| {
            let time_hour = rows[0].time;
            let put_at = START.plus_millis(time_hour.millis_since(START) / SPEED);
            Batch { put_at, time_hour, flights: self, rows }
        })
    }
}

impl<'f> Flight<'f> {
    /// The flight's `tailnum`.
    pub fn partition_key(self) -> &'f str {
        &self.flights.keys[self.row.key as usize]
    }

    /// The airport of departure, as JSON text; empty where the input does not name it.
    pub fn origin(self) -> &'f str {
        let Some(place) = self.flights.origin else { return "" };
        let mut values = self.flights.values[self.row.start..].split(|byte| *byte == END);
        values.nth(place).and_then(|value| core::str::from_utf8(value).ok()).unwrap_or_default()
    }

    /// The place of the partition key in [`Flights::keys`].
    pub(crate) fn key(self) -> usize {
        self.row.key as usize
    }

    /// Appends the flight's record: its CSV row as a JSON object of strings, and a line feed.
    pub fn write_record(self, out: &mut Vec<u8>) {
        let mut rest = &self.flights.values[self.row.start..];
        for lead in &self.flights.leads {
            let end = memchr::memchr(END, rest).unwrap_or(rest.len());
            out.extend_from_slice(lead.as_bytes());
            out.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
        }
        out.extend_from_slice(b"\"}\n");
    }
}

impl<'f> Batch<'f> {
    /// The batch's flights, in put order.
    pub fn flights(self) -> impl ExactSizeIterator<Item = Flight<'f>> {
        self.rows.iter().map(move |&row| Flight { flights: self.flights, row })
    }

    /// How many flights the batch has.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The names in the first line.
struct Columns {
    names: Vec<String>,
    key: usize,
    time: usize,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        for name in header {
            let name = core::str::from_utf8(name)
                .with_context(|| format!("the name of column {} is not UTF-8", names.len() + 1))?;
            ensure!(names.iter().all(|other| other != name), "there are two columns {name}");
            names.push(name.to_owned());
        }
        let place = |wanted: &str| {
            let place = names.iter().position(|name| name == wanted);
            place.with_context(|| {
                format!("there is no column {wanted}; the columns are: {}", names.join(", "))
            })
        };
        let (key, time) = (place(KEY_COLUMN)?, place(TIME_COLUMN)?);
        Ok(Self { names, key, time })
    }

    fn origin(&self) -> Option<usize> {
        self.names.iter().position(|name| name == ORIGIN_COLUMN)
    }

    fn leads(&self) -> Vec<String> {
        let openings = core::iter::once("{").chain(core::iter::repeat("\","));
        let names = self.names.iter().map(|name| serde_json::Value::from(name.as_str()));
        openings.zip(names).map(|(opening, name)| format!("{opening}{name}:\"")).collect()
    }
}

/// Reads `2013-01-01T10:00:00Z`, and nothing that is written differently.
fn parse_time(text: &str) -> Result<Timestamp> {
    let wrong = || format!("{text:?} is not a time like 2013-01-01T10:00:00Z");
    let time = seconds_of(text.as_bytes()).with_context(wrong)?;
    // A day that its month lacks, or an hour 24, comes back as another text.
    let time = Timestamp::from_millis(time * 1000);
    ensure!(time.to_string().strip_suffix(".000Z") == text.strip_suffix('Z'), wrong());
    ensure!(time >= START, "{text} is before 2013-01-01T00:00:00Z, where the virtual clock starts");
    Ok(time)
}

fn seconds_of(text: &[u8]) -> Option<u64> {
    if text.len() != 20 {
        return None;
    }
    let number = |from: usize, len: usize| {
        text[from..from + len]
            .iter()
            .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    if year < 1970 || month == 0 {
        return None;
    }
    // Years start in March here, so that the leap day is their last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    let days = days.checked_sub(719_469)?;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Flights> {
        Flights::read(text.as_bytes(), "f.csv", 0, None)
    }

    fn records(flights: &Flights) -> Vec<String> {
        let record = |flight: Flight<'_>| {
            let mut out = Vec::new();
            flight.write_record(&mut out);
            String::from_utf8(out).unwrap()
        };
        flights.iter().map(record).collect()
    }

    #[test]
    fn orders_by_hour_then_as_in_the_file() {
        let flights = read(
            "carrier,tailnum,time_hour\n\
             B,N2,2013-01-01T11:00:00Z\n\
             A,N1,2013-01-01T10:00:00Z\n\
             \"C\",NA,2013-01-01T11:00:00Z\r\n\
             \"a \"\"q\"\", \\ é\n\",N1,2014-01-01T00:00:00Z",
        )
        .unwrap();
        assert_eq!(
            records(&flights),
            [
                "{\"carrier\":\"A\",\"tailnum\":\"N1\",\"time_hour\":\"2013-01-01T10:00:00Z\"}\n",
                "{\"carrier\":\"B\",\"tailnum\":\"N2\",\"time_hour\":\"2013-01-01T11:00:00Z\"}\n",
                "{\"carrier\":\"C\",\"tailnum\":\"NA\",\"time_hour\":\"2013-01-01T11:00:00Z\"}\n",
                "{\"carrier\":\"a \\\"q\\\", \\\\ é\\n\",\"tailnum\":\"N1\",\"time_hour\":\"2014-01-01T00:00:00Z\"}\n",
            ]
        );
        let batches: Vec<_> = flights.batches().map(|batch| (batch.put_at, batch.len())).collect();
        let at = |millis| START.plus_millis(millis);
        // 10 and 11 hours, and a year, each divided by 8760.
        assert_eq!(batches, [(at(4109), 1), (at(4520), 2), (at(3_600_000), 1)]);
        assert_eq!(flights.keys(), ["N2", "N1", "NA"]);
        assert_eq!((flights.find_key("NA"), flights.find_key("N3")), (Some(2), None));
    }

    #[test]
    fn says_where_the_input_is_wrong() {
        let row = |row: &str| format!("tailnum,time_hour\nN1,2013-01-01T10:00:00Z\n{row}\n");
        let cases = [
            (String::new(), "line 1: there is no column tailnum; the columns are: "),
            ("tailnum\nN1\n".into(), "line 1: there is no column time_hour; the columns are: tailnum"),
            ("tailnum,time_hour,tailnum\n".into(), "line 1: there are two columns tailnum"),
            ("tailnum,time_hour\n".into(), "f.csv has no flights"),
            (row("N1"), "line 3: column time_hour is missing: 1 values for 2 columns"),
            (row("N1,2013-01-01T10:00:00Z,x"), "line 3: value 3 is beyond the last column, time_hour"),
            (
                row(",2013-01-01T10:00:00Z"),
                "line 3: column tailnum: a partition key has 1 to 256 characters, this text has 0",
            ),
            (
                row("N1,2013-01-01 10:00:00"),
                "line 3: column time_hour: \"2013-01-01 10:00:00\" is not a time like",
            ),
            (
                row("N1,2013-02-29T10:00:00Z"),
                "line 3: column time_hour: \"2013-02-29T10:00:00Z\" is not a time like",
            ),
            (
                row("N1,2013-01-00T10:00:00Z"),
                "line 3: column time_hour: \"2013-01-00T10:00:00Z\" is not a time like",
            ),
            (
                row("N1,2013-01-01T24:00:00Z"),
                "line 3: column time_hour: \"2013-01-01T24:00:00Z\" is not a time like",
            ),
            (row("N1,2012-12-31T23:00:00Z"), "line 3: column time_hour: 2012-12-31T23:00:00Z is before 2013"),
            (row("N1,NA"), "line 3: column time_hour: \"NA\" is not a time like"),
        ];
        for (text, expected) in cases {
            let error = format!("{:#}", read(&text).unwrap_err());
            assert!(error.contains(expected), "{text:?}: {error}");
        }
        let bytes = b"tailnum,time_hour\nN\xff,2013-01-01T10:00:00Z\n";
        let error = Flights::read(&bytes[..], "f.csv", 0, None).unwrap_err();
        assert!(format!("{error:#}").contains("f.csv, line 2: column tailnum is not UTF-8"), "{error:#}");
    }

    #[test]
    fn a_limit_takes_the_first_rows_of_the_file() {
        let text = "tailnum,time_hour\nB,2013-01-01T11:00:00Z\nA,2013-01-01T10:00:00Z\nC,2013-01-01T09:00:00Z\nbad\n";
        let flights = Flights::read(text.as_bytes(), "f.csv", 0, Some(2)).unwrap();
        let keys: Vec<&str> = flights.iter().map(Flight::partition_key).collect();
        assert_eq!(keys, ["A", "B"]);
    }
}
