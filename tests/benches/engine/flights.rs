//! The flights of 2013, or as many of them as are put in reasonable time.

use std::path::PathBuf;

use shardbrook_flights::Flights;

/// Rows of the file that are put.
const LIMIT: usize = 20_000;

/// One record to put.
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) data: Vec<u8>,
}

/// The flights of the file that `SHARDBROOK_FLIGHTS` names, as `cargo xtask bench` does; `None` when nobody does.
pub(crate) fn open() -> Option<Flights> {
    let file = PathBuf::from(std::env::var_os("SHARDBROOK_FLIGHTS")?);
    Some(Flights::open(&file, Some(LIMIT)).expect("the flights"))
}

/// The records of each hour, about 50.
pub(crate) fn batches(flights: &Flights) -> Vec<Vec<Record>> {
    let records = flights.batches().map(|batch| {
        let records = batch.flights().map(|flight| {
            let mut data = Vec::new();
            flight.write_record(&mut data);
            Record { key: flight.partition_key().to_owned(), data }
        });
        records.collect()
    });
    records.collect()
}
