//! Whether a server did what it was asked: one that does not is not fast.

use anyhow::{Context as _, Result, ensure};
use memchr::memmem;
use serde_json::Value;

use crate::plan::Operation;

/// How many records each request puts or reads.
pub(crate) fn records(operation: Operation) -> usize {
    match operation {
        Operation::PutRecord => 1,
        Operation::PutRecords => 500,
        Operation::GetRecords => 10_000,
    }
}

/// Checks an answer, at little cost: nothing failed, and there are as many records in it as there should be.
pub(crate) fn quickly(operation: Operation, body: &[u8]) -> Result<()> {
    let (name, expected) = match operation {
        Operation::PutRecord => ("\"SequenceNumber\"", 1),
        Operation::PutRecords => {
            ensure!(member(body, "\"FailedRecordCount\"") == Some(b'0'), "records failed: {}", start(body));
            ("\"SequenceNumber\"", records(operation))
        }
        Operation::GetRecords => ("\"Data\"", records(operation)),
    };
    let found = memmem::find_iter(body, name).count();
    ensure!(found == expected, "{found} records of {expected}: {}", start(body));
    Ok(())
}

/// Checks an answer in full. The records that were read must be those that were put, `put` again and again.
pub(crate) fn fully(operation: Operation, body: &[u8], put: &[Value]) -> Result<()> {
    let answer: Value = serde_json::from_slice(body).context("no JSON")?;
    let members = |value: &Value| {
        let text = |name: &str| value[name].as_str().is_some_and(|text| !text.is_empty());
        text("SequenceNumber") && (text("ShardId") || operation == Operation::GetRecords)
    };
    if operation == Operation::PutRecord {
        ensure!(members(&answer), "not the answer of a PutRecord: {}", start(body));
        return Ok(());
    }
    let found = answer["Records"].as_array().context("no records")?;
    ensure!(found.len() == records(operation), "{} records", found.len());
    ensure!(found.iter().all(members), "records without numbers: {}", start(body));
    if operation == Operation::GetRecords {
        for (record, put) in found.iter().zip(put.iter().cycle()) {
            let same = |name: &str| record[name] == put[name];
            ensure!(same("Data") && same("PartitionKey"), "{record} was put as {put}");
        }
    }
    Ok(())
}

/// The first byte of a number.
fn member(body: &[u8], name: &str) -> Option<u8> {
    let after = &body[memmem::find(body, name.as_bytes())? + name.len()..];
    after.iter().copied().find(|byte| !matches!(byte, b':' | b' '))
}

fn start(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put_records(failed: usize, count: usize) -> Vec<u8> {
        let record = json!({ "SequenceNumber": "1", "ShardId": "shardId-000000000000" });
        json!({ "FailedRecordCount": failed, "Records": vec![record; count] }).to_string().into()
    }

    #[test]
    fn an_answer_that_lacks_something_is_noticed() {
        let operation = Operation::PutRecords;
        let good = put_records(0, 500);
        quickly(operation, &good).unwrap();
        fully(operation, &good, &[]).unwrap();
        quickly(operation, b"{ \"FailedRecordCount\": 0, \"Records\": [] }").unwrap_err();
        quickly(operation, &put_records(1, 500)).unwrap_err();
        quickly(operation, &put_records(0, 499)).unwrap_err();
        fully(operation, &put_records(0, 499), &[]).unwrap_err();
        quickly(Operation::PutRecord, b"{}").unwrap_err();
        fully(Operation::PutRecord, b"{\"SequenceNumber\":\"1\"}", &[]).unwrap_err();
    }

    #[test]
    fn what_is_read_must_be_what_was_put() {
        let put =
            [json!({ "Data": "AA==", "PartitionKey": "a" }), json!({ "Data": "AQ==", "PartitionKey": "b" })];
        let read = |last: &Value| {
            let mut records: Vec<Value> = put.iter().cycle().take(9_999).cloned().collect();
            records.push(last.clone());
            for record in &mut records {
                record["SequenceNumber"] = json!("1");
            }
            json!({ "Records": records }).to_string().into_bytes()
        };
        fully(Operation::GetRecords, &read(&put[1]), &put).unwrap();
        fully(Operation::GetRecords, &read(&put[0]), &put).unwrap_err();
    }
}
