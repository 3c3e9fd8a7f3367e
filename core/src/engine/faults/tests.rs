use alloc::string::ToString;
use alloc::vec;
use serde_json::{Value, json};

use super::*;
use crate::engine::tests::{at, call, engine, ok, send};
use crate::engine::{Engine, Handled, Output};
use crate::snapshot::tests::{loaded, saved};
use crate::time::Timestamp;

fn faults(json: &[&str]) -> Faults {
    let mut faults = Faults::new(Seed::default());
    for text in json {
        faults.add(Fault::from_json(text).unwrap()).unwrap();
    }
    faults
}

#[test]
fn strikes_the_chosen_requests_the_given_number_of_times() {
    let mut faults = faults(&[
        r#"{"operation":"PutRecord","stream":"a","error":"InternalFailure","times":2,"latencyMs":5}"#,
    ]);
    assert_eq!(faults.strike("PutRecords", Some("a"), [None; 2]), None);
    assert_eq!(faults.strike("PutRecord", Some("b"), [None; 2]), None);
    for _ in 0..2 {
        let strike = faults.strike("PutRecord", Some("a"), [None; 2]).unwrap();
        assert_eq!((strike.error.unwrap(), strike.latency_ms), (ErrorKind::InternalFailure, 5));
    }
    assert_eq!(faults.strike("PutRecord", Some("a"), [None; 2]), None);
}

#[test]
fn probability_is_met_and_repeatable() {
    let run = || {
        let mut faults =
            faults(&[r#"{"operation":"PutRecord","error":"InternalFailure","probability":0.25}"#]);
        (0..4000).map(|_| faults.strike("PutRecord", None, [None; 2]).is_some()).collect::<Vec<_>>()
    };
    let struck = run();
    assert_eq!(struck, run());
    let count = struck.iter().filter(|struck| **struck).count();
    assert!((900..1100).contains(&count), "{count} of 4000");
}

#[test]
fn a_snapshot_has_only_faults_that_can_be_had() {
    let fault =
        r#"{"operation":"PutRecords","error":"InternalFailure","shardId":"shardId-000000000001","times":3}"#;
    type Forge = fn(&mut Armed);
    let forges: [(bool, Forge); 5] = [
        (true, |armed| armed.meaning = Meaning::default()),
        (false, |armed| armed.fault.times = Some(0)),
        (false, |armed| armed.fault.probability = 1.5),
        (false, |armed| armed.fault.error = Some("Nope".into())),
        (false, |armed| armed.fault.shard_id = Some("x".into())),
    ];
    for (number, (is_sound, forge)) in forges.iter().enumerate() {
        let mut faults = faults(&[fault]);
        forge(&mut faults.armed[0]);
        let mut restored: Faults = loaded(&saved(&faults)).unwrap();
        assert_eq!(restored.rebuild(Seed::default()).is_ok(), *is_sound, "{number}");
        if *is_sound {
            assert_eq!(restored.strike_record(None, ShardId::new(0)), None);
            assert_eq!(restored.strike_record(None, ShardId::new(1)), Some(ErrorKind::InternalFailure));
        }
    }
}

#[test]
fn refuses_what_makes_no_sense() {
    for text in [
        r#"{"operation":"PutRecordz","error":"InternalFailure"}"#,
        r#"{"operation":"PutRecord","error":"Nope"}"#,
        r#"{"operation":"PutRecord"}"#,
        r#"{"operation":"PutRecord","latencyMs":1,"probability":1.5}"#,
        r#"{"operation":"PutRecord","latencyMs":1,"times":0}"#,
        r#"{"operation":"PutRecord","error":"InternalFailure","drop":"before"}"#,
        r#"{"operation":"PutRecord","error":"InternalFailure","per":"record"}"#,
        r#"{"operation":"PutRecord","error":"InternalFailure","shardId":"first"}"#,
        r#"{"operation":"ListShards","error":"InternalFailure","shardId":"shardId-000000000000"}"#,
        r#"{"operation":"PutRecords","error":"LimitExceededException","per":"record"}"#,
        r#"{"operation":"PutRecords","error":"LimitExceededException","shardId":"0"}"#,
        r#"{"operation":"PutRecords","error":"InternalFailure","shardId":"0","per":"request"}"#,
        r#"{"operation":"PutRecords","latencyMs":5,"shardId":"0"}"#,
        r#"{"operation":"PutRecords","error":"InternalFailure","latencyMs":5,"per":"record"}"#,
    ] {
        assert!(Faults::new(Seed::default()).add(Fault::from_json(text).unwrap()).is_err(), "{text}");
    }
    for text in [
        r#"{"operation":"PutRecord","latency":1}"#,
        r#"{"operation":"PutRecord","drop":"always"}"#,
        r#"{"operation":"PutRecord","drop":true}"#,
    ] {
        assert!(Fault::from_json(text).is_err(), "{text}");
    }
}

/// The key that is hashed to the second shard of two, and one that is hashed to the first.
const SECOND: &str = "k";
const FIRST: &str = "a";

fn with_fault(fault: &str) -> Engine {
    let mut engine = engine(r#"{"initializeStreams":"s:2,t:1"}"#);
    engine.faults_mut().add(Fault::from_json(fault).unwrap()).unwrap();
    engine
}

fn put(engine: &mut Engine, stream: &str, key: &str) -> (u16, Value) {
    let body = format!(r#"{{"StreamName":"{stream}","PartitionKey":"{key}","Data":"aGk="}}"#);
    call(engine, at(0), "PutRecord", &body)
}

fn put_all(engine: &mut Engine, now: Timestamp, keys: &[&str]) -> Value {
    let records: Vec<_> = keys.iter().map(|key| json!({"PartitionKey": key, "Data": "aGk="})).collect();
    ok(engine, now, "PutRecords", &json!({"StreamName": "s", "Records": records}).to_string())
}

/// The records of `s` in order of their shards.
fn stored(engine: &mut Engine) -> Vec<String> {
    let mut keys = Vec::new();
    for shard in ["0", "1"] {
        let body = format!(r#"{{"StreamName":"s","ShardId":"{shard}","ShardIteratorType":"TRIM_HORIZON"}}"#);
        let iterator = ok(engine, at(0), "GetShardIterator", &body);
        let read = ok(engine, at(0), "GetRecords", &iterator.to_string());
        let records = read["Records"].as_array().unwrap();
        keys.extend(records.iter().map(|record| record["PartitionKey"].as_str().unwrap().into()));
    }
    keys
}

fn code(answer: &(u16, Value)) -> &str {
    answer.1["__type"].as_str().unwrap_or_default()
}

#[test]
fn records_of_one_shard_fail_and_the_others_are_stored() {
    let mut engine = with_fault(
        r#"{"operation":"PutRecords","stream":"s","shardId":"1","error":"ProvisionedThroughputExceededException","times":3}"#,
    );
    let answer = put_all(&mut engine, at(0), &[SECOND, FIRST, SECOND]);
    assert_eq!(answer["FailedRecordCount"], 2);
    let failed = json!({
        "ErrorCode": "ProvisionedThroughputExceededException",
        "ErrorMessage": "Rate exceeded for shard shardId-000000000001 in stream s under account 000000000000.",
    });
    assert_eq!((&answer["Records"][0], &answer["Records"][2]), (&failed, &failed));
    assert_eq!(answer["Records"][1]["ShardId"], "shardId-000000000000");
    assert_eq!(answer["Records"][1].as_object().unwrap().len(), 2);
    assert_eq!(stored(&mut engine), [FIRST]);
    // What failed is put again; the third blow is the last.
    assert_eq!(put_all(&mut engine, at(0), &[SECOND, SECOND])["FailedRecordCount"], 1);
    assert_eq!(put_all(&mut engine, at(0), &[SECOND])["FailedRecordCount"], 0);
    assert_eq!(stored(&mut engine), [FIRST, SECOND, SECOND]);
}

#[test]
fn single_records_fail_with_a_probability() {
    let run = || {
        let mut engine = with_fault(
            r#"{"operation":"PutRecords","per":"record","error":"InternalFailure","probability":0.25}"#,
        );
        put_all(&mut engine, at(0), &vec![FIRST; 400])
    };
    let answer = run();
    assert_eq!(answer, run());
    let failed = answer["FailedRecordCount"].as_u64().unwrap();
    assert!((70..130).contains(&failed), "{failed} of 400");
    let first = answer["Records"].as_array().unwrap().iter().find(|entry| entry.get("ErrorCode").is_some());
    let expected = json!({"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."});
    assert_eq!(first, Some(&expected));
}

#[test]
fn a_put_of_which_nothing_is_stored_leaves_sequence_numbers_alone() {
    let numbers = |faulty: bool| {
        let fault = r#"{"operation":"PutRecords","per":"record","error":"InternalFailure","times":2}"#;
        let mut engine = with_fault(fault);
        if faulty {
            assert_eq!(put_all(&mut engine, at(0), &[SECOND, FIRST])["FailedRecordCount"], 2);
        }
        engine.faults_mut().clear();
        put_all(&mut engine, at(0), &[SECOND, FIRST])
    };
    assert_eq!(numbers(true), numbers(false));
}

#[test]
fn a_fault_for_a_shard_strikes_the_requests_about_it() {
    let fault = |operation: &str| {
        format!(r#"{{"operation":"{operation}","shardId":"shardId-000000000001","error":"InternalFailure"}}"#)
    };
    let mut engine = with_fault(&fault("PutRecord"));
    assert_eq!(code(&put(&mut engine, "s", SECOND)), "InternalFailure");
    assert_eq!(put(&mut engine, "s", FIRST).0, 200);
    assert_eq!(put(&mut engine, "t", SECOND).0, 200);

    let iterator =
        |shard: &str| format!(r#"{{"StreamName":"s","ShardId":"{shard}","ShardIteratorType":"LATEST"}}"#);
    let first = ok(&mut engine, at(0), "GetShardIterator", &iterator("0")).to_string();
    let second = ok(&mut engine, at(0), "GetShardIterator", &iterator("1")).to_string();
    for operation in ["GetShardIterator", "GetRecords", "SplitShard", "MergeShards"] {
        engine.faults_mut().add(Fault::from_json(&fault(operation)).unwrap()).unwrap();
    }
    let split =
        |shard: &str| format!(r#"{{"StreamName":"s","ShardToSplit":"{shard}","NewStartingHashKey":"2"}}"#);
    let merge = r#"{"StreamName":"s","ShardToMerge":"0","AdjacentShardToMerge":"1"}"#;
    for (operation, body, is_struck) in [
        ("GetShardIterator", &*iterator("shardId-1"), true),
        ("GetShardIterator", &iterator("0"), false),
        ("GetRecords", &second, true),
        ("GetRecords", &first, false),
        ("MergeShards", merge, true),
        ("SplitShard", &split("1"), true),
        ("SplitShard", &split("0"), false),
    ] {
        let answer = call(&mut engine, at(0), operation, body);
        assert_eq!(code(&answer), if is_struck { "InternalFailure" } else { "" }, "{operation} {body}");
    }
}

#[test]
fn reads_are_known_by_their_iterators() {
    let mut engine =
        with_fault(r#"{"operation":"GetRecords","stream":"s","error":"ExpiredIteratorException","times":1}"#);
    let iterator =
        |stream: &str| format!(r#"{{"StreamName":"{stream}","ShardId":"0","ShardIteratorType":"LATEST"}}"#);
    let of_s = ok(&mut engine, at(0), "GetShardIterator", &iterator("s")).to_string();
    let of_t = ok(&mut engine, at(0), "GetShardIterator", &iterator("t")).to_string();
    assert_eq!(call(&mut engine, at(0), "GetRecords", &of_t).0, 200);
    assert_eq!(code(&call(&mut engine, at(0), "GetRecords", &of_s)), "ExpiredIteratorException");
    assert_eq!(call(&mut engine, at(0), "GetRecords", &of_s).0, 200);
}

#[test]
fn a_dropped_connection_gets_no_answer() {
    let put = r#"{"StreamName":"s","PartitionKey":"k","Data":"aGk="}"#;
    for (when, latency, kept) in [("before", 0, 0), ("after", 0, 1), ("before", 50, 0), ("after", 50, 1)] {
        let mut engine = with_fault(&format!(
            r#"{{"operation":"PutRecord","drop":"{when}","latencyMs":{latency},"times":1}}"#
        ));
        let Handled::Pending(id) = send(&mut engine, at(0), "Kinesis_20131202.PutRecord", put) else {
            panic!("{when}: there is an answer")
        };
        if latency > 0 {
            assert!(engine.awaits_host());
            assert_eq!(engine.poll_output(), Output::Timeout(Some(at(latency))));
            engine.handle_timeout(at(latency));
        }
        assert_eq!(engine.poll_output(), Output::Reset(id), "{when}");
        assert_eq!(engine.poll_output(), Output::Timeout(None), "{when}");
        assert!(!engine.awaits_host());
        assert_eq!(stored(&mut engine).len(), kept, "{when}");
        // The client's second attempt comes through.
        ok(&mut engine, at(0), "PutRecord", put);
        assert_eq!(stored(&mut engine).len(), kept + 1, "{when}");
    }
}

#[test]
fn a_client_that_goes_first_hears_no_reset() {
    let mut engine = with_fault(r#"{"operation":"ListStreams","drop":"before","latencyMs":50}"#);
    let Handled::Pending(id) = send(&mut engine, at(0), "Kinesis_20131202.ListStreams", "{}") else {
        panic!("there is an answer")
    };
    engine.handle_disconnect(at(10), id);
    engine.handle_timeout(at(100));
    assert_eq!(engine.poll_output(), Output::Timeout(None));
}
