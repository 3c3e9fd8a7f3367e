//! The work that nobody can do without, by the usual crates: what the engine is compared with.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::Deserialize;

/// The body of a PutRecords of so many records of 100 bytes, with partition keys of 15 to 20 bytes.
pub fn put_records_body(stream: &str, records: usize) -> Vec<u8> {
    let records: Vec<_> = (0..records)
        .map(|i| {
            let data: Vec<u8> = (0..100).map(|byte| (i * 131 + byte * 29 + (i * byte) % 251) as u8).collect();
            let key = format!("customer-{}", 100_000 + i * i * 7_919 * (1 + i % 1000) % 10_000_000_000);
            serde_json::json!({ "Data": STANDARD.encode(data), "PartitionKey": key })
        })
        .collect();
    serde_json::json!({ "Records": records, "StreamName": stream }).to_string().into_bytes()
}

/// Answers a PutRecords without an engine: parse, decode, hash, and write numbers. `serial` counts the records.
///
/// # Errors
/// When the body is not what [`put_records_body`] writes.
pub fn put_records(body: &[u8], serial: &mut u128) -> serde_json::Result<Vec<u8>> {
    let parsed: Request<'_> = serde_json::from_slice(body)?;
    let mut data = Vec::with_capacity(body.len());
    let mut out = Vec::with_capacity(body.len());
    out.extend_from_slice(b"{\"FailedRecordCount\":0,\"Records\":[");
    for (index, record) in parsed.records.iter().enumerate() {
        STANDARD
            .decode_vec(record.data, &mut data)
            .map_err(<serde_json::Error as serde::de::Error>::custom)?;
        let shard = Md5::digest(record.partition_key)[0] >> 6;
        *serial += 1;
        let comma = if index == 0 { "" } else { "," };
        write!(
            out,
            "{comma}{{\"SequenceNumber\":\"496804747549219705{:038}\",\"ShardId\":\"shardId-{shard:012}\"}}",
            *serial
        )
        .map_err(serde_json::Error::io)?;
    }
    out.extend_from_slice(b"]}");
    core::hint::black_box(&data);
    Ok(out)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    data: &'a str,
    partition_key: &'a str,
}
