use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::engine::exchange::MAX_EXCHANGES;
use crate::engine::tests::{at, call, engine, ok, send};
use crate::engine::{Engine, ExchangeId, Fault, Handled, Output};

/// An engine with the on-demand stream `s` and a queue on it, and the queue's ARN.
fn with_queue(attributes: &Value) -> (Engine, String) {
    let mut engine = engine("{}");
    ok(&mut engine, at(0), "CreateStream", r#"{"StreamName":"s"}"#);
    let input = json!({
        "QueueName": "q",
        "StreamConfigurationList": [{"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}],
        "QueueAttributes": attributes,
    });
    let made = ok(&mut engine, at(0), "CreateQueue", &input.to_string());
    let arn = made["QueueDescription"]["QueueARN"].as_str().unwrap().into();
    (engine, arn)
}

fn put(engine: &mut Engine, millis: u64, data: &str) {
    let body = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
    ok(engine, at(millis), "PutRecord", &body);
}

/// Starts to wait for a record; for `WaitTimeSeconds`, and as `more` says.
fn wait(engine: &mut Engine, millis: u64, operation: &str, arn: &str, secs: u64, more: Value) -> ExchangeId {
    let mut input = json!({"QueueARN": arn, "WaitTimeSeconds": secs});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let target = format!("Kinesis_20131202.{operation}");
    match send(engine, at(millis), &target, &input.to_string()) {
        Handled::Pending(id) => id,
        Handled::Done(response) | Handled::Stream(response, _) => panic!("not pending: {response:?}"),
    }
}

/// The answers that have come: whose, with which status and body.
fn answers(engine: &mut Engine) -> Vec<(ExchangeId, u16, Value)> {
    let mut answers = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Response(id, response) => {
                answers.push((id, response.status, serde_json::from_slice(&response.body).unwrap()));
            }
            Output::Timeout(_) => return answers,
            other @ (Output::Frame(..)
            | Output::End(_)
            | Output::Reset(_)
            | Output::Effect(_)
            | Output::Event(_)) => panic!("{other:?}"),
        }
    }
}

/// The exchange and the data of the records of each answer.
fn data(answers: &[(ExchangeId, u16, Value)]) -> Vec<(ExchangeId, Vec<&str>)> {
    answers
        .iter()
        .map(|(id, status, body)| {
            assert_eq!(*status, 200, "{body}");
            let records = body["QueueRecords"].as_array().unwrap();
            (*id, records.iter().map(|record| record["Data"].as_str().unwrap()).collect())
        })
        .collect()
}

fn handle(record: &Value) -> &str {
    record["ReceiptHandle"].as_str().unwrap()
}

#[test]
fn a_put_answers_those_who_wait_in_the_order_in_which_they_came() {
    let (mut engine, arn) = with_queue(&json!({}));
    let first = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({"Limit": 2}));
    let second = wait(&mut engine, 100, "ReceiveQueueRecords", &arn, 20, json!({}));
    let third = wait(&mut engine, 200, "ReceiveQueueRecords", &arn, 20, json!({}));
    assert!(engine.awaits_host());
    let record = |data: &str| json!({"PartitionKey": "k", "Data": data});
    let input = json!({"StreamName": "s", "Records": [record("MQ=="), record("Mg=="), record("Mw==")]});
    ok(&mut engine, at(300), "PutRecords", &input.to_string());
    let found = answers(&mut engine);
    assert_eq!(data(&found), [(first, ["MQ==", "Mg=="].into()), (second, ["Mw=="].into())]);
    assert_eq!(found[0].2["QueueRecords"][0]["FirstReceiveTimestamp"], json!(1_356_998_400.3));
    // The third waits on, first for itself and then for what comes back.
    engine.handle_timeout(at(20_199));
    assert_eq!(answers(&mut engine), []);
    engine.handle_timeout(at(20_200));
    assert_eq!(data(&answers(&mut engine)), [(third, [].into())]);
    assert_eq!(engine.poll_timeout(), None, "nobody waits, so nothing is due");
    assert!(!engine.awaits_host());
}

#[test]
fn a_put_wakes_while_another_record_is_in_flight() {
    let (mut engine, arn) = with_queue(&json!({}));
    put(&mut engine, 0, "MQ==");
    let input = json!({"QueueARN": arn}).to_string();
    assert_eq!(
        ok(&mut engine, at(1), "ReceiveQueueRecords", &input)["QueueRecords"].as_array().unwrap().len(),
        1
    );
    let waiting = wait(&mut engine, 1, "ReceiveQueueRecords", &arn, 20, json!({}));
    put(&mut engine, 500, "Mg==");
    assert_eq!(data(&answers(&mut engine)), [(waiting, ["Mg=="].into())]);
}

#[test]
fn a_visibility_timeout_that_runs_out_answers_at_its_own_time() {
    let (mut engine, arn) = with_queue(&json!({"VisibilityTimeoutSeconds": 5}));
    put(&mut engine, 0, "MQ==");
    ok(&mut engine, at(10), "ReceiveQueueRecords", &json!({"QueueARN": arn}).to_string());
    let waiting = wait(&mut engine, 1000, "ReceiveQueueRecords", &arn, 20, json!({}));
    assert_eq!(engine.poll_timeout(), Some(at(5010)));
    // However late the host looks, the record was received when it became visible.
    engine.handle_timeout(at(9000));
    let found = answers(&mut engine);
    assert_eq!(data(&found), [(waiting, ["MQ=="].into())]);
    assert_eq!(found[0].2["QueueRecords"][0]["ReceiveCount"], 2);
    let again = wait(&mut engine, 9000, "ReceiveQueueRecords", &arn, 20, json!({}));
    engine.handle_timeout(at(10_010));
    assert_eq!(data(&answers(&mut engine)), [(again, ["MQ=="].into())]);
}

#[test]
fn a_record_visible_at_the_last_moment_is_still_received() {
    let (mut engine, arn) = with_queue(&json!({"VisibilityTimeoutSeconds": 1}));
    put(&mut engine, 0, "MQ==");
    let input = json!({"QueueARN": arn, "VisibilityTimeoutSeconds": 2}).to_string();
    ok(&mut engine, at(0), "ReceiveQueueRecords", &input);
    let waiting = wait(&mut engine, 1000, "ReceiveQueueRecords", &arn, 1, json!({}));
    engine.handle_timeout(at(2000));
    assert_eq!(data(&answers(&mut engine)), [(waiting, ["MQ=="].into())]);
}

#[test]
fn a_visibility_of_zero_and_a_restore_wake() {
    let dead_letters = json!({"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1}});
    let (mut engine, arn) = with_queue(&dead_letters);
    put(&mut engine, 0, "MQ==");
    let received = ok(&mut engine, at(1), "ReceiveQueueRecords", &json!({"QueueARN": arn}).to_string());
    // It was received for the last time, so it is the dead-letter line that gets it.
    let live = wait(&mut engine, 2, "ReceiveQueueRecords", &arn, 20, json!({}));
    let dead = wait(&mut engine, 3, "ReceiveDeadLetterQueueRecords", &arn, 20, json!({}));
    let entry = json!({"ReceiptHandle": handle(&received["QueueRecords"][0]), "VisibilityTimeoutSeconds": 0});
    let input = json!({"QueueARN": arn, "Entries": [entry]}).to_string();
    ok(&mut engine, at(100), "UpdateQueueRecordsVisibility", &input);
    let found = answers(&mut engine);
    assert_eq!(data(&found), [(dead, ["MQ=="].into())]);
    let entry = json!({"ReceiptHandle": handle(&found[0].2["QueueRecords"][0])});
    let input = json!({"QueueARN": arn, "Entries": [entry]}).to_string();
    ok(&mut engine, at(200), "RestoreDeadLetterQueueRecords", &input);
    let found = answers(&mut engine);
    assert_eq!(data(&found), [(live, ["MQ=="].into())]);
    assert_eq!(found[0].2["QueueRecords"][0]["ReceiveCount"], 1);
}

#[test]
fn a_last_receipt_wakes_those_who_wait_for_dead_letters_when_it_runs_out() {
    let dead_letters = json!({"DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1}});
    let (mut engine, arn) = with_queue(&dead_letters);
    let dead = wait(&mut engine, 0, "ReceiveDeadLetterQueueRecords", &arn, 20, json!({}));
    put(&mut engine, 10, "MQ==");
    let input = json!({"QueueARN": arn, "VisibilityTimeoutSeconds": 7}).to_string();
    ok(&mut engine, at(20), "ReceiveQueueRecords", &input);
    assert_eq!(engine.poll_timeout(), Some(at(7020)));
    engine.handle_timeout(at(7020));
    assert_eq!(data(&answers(&mut engine)), [(dead, ["MQ=="].into())]);
}

#[test]
fn who_has_gone_receives_nothing() {
    let (mut engine, arn) = with_queue(&json!({}));
    let first = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({}));
    let second = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({}));
    engine.handle_disconnect(at(10), first);
    put(&mut engine, 20, "MQ==");
    assert_eq!(data(&answers(&mut engine)), [(second, ["MQ=="].into())]);
    engine.handle_disconnect(at(30), second);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn a_deleted_queue_answers_those_who_wait() {
    let (mut engine, arn) = with_queue(&json!({}));
    let waiting = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({}));
    ok(&mut engine, at(10), "DeleteQueue", &json!({"QueueARN": arn}).to_string());
    let found = answers(&mut engine);
    assert_eq!((found.len(), found[0].0, found[0].1), (1, waiting, 400));
    assert_eq!(found[0].2["__type"], "ResourceNotFoundException");
    ok(&mut engine, at(20), "DeleteStream", r#"{"StreamName":"s"}"#);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn a_reset_drops_the_connections_of_those_who_wait() {
    let (mut engine, arn) = with_queue(&json!({}));
    let waiting = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({}));
    engine.reset(at(10)).unwrap();
    assert_eq!(engine.poll_output(), Output::Reset(waiting));
    assert_eq!(engine.poll_output(), Output::Timeout(None));
    let (status, answer) = call(&mut engine, at(10), "DescribeQueue", &json!({"QueueARN": arn}).to_string());
    assert_eq!((status, &answer["__type"]), (400, &"ResourceNotFoundException".into()));
}

#[test]
fn latency_holds_back_what_was_found() {
    let (mut engine, arn) = with_queue(&json!({"VisibilityTimeoutSeconds": 2}));
    let fault = r#"{"operation":"ReceiveQueueRecords","latencyMs":250,"times":1}"#;
    engine.faults_mut().add(Fault::from_json(fault).unwrap()).unwrap();
    let waiting = wait(&mut engine, 0, "ReceiveQueueRecords", &arn, 20, json!({}));
    put(&mut engine, 1000, "MQ==");
    engine.handle_timeout(at(1249));
    assert_eq!(answers(&mut engine), []);
    engine.handle_timeout(at(1250));
    assert_eq!(data(&answers(&mut engine)), [(waiting, ["MQ=="].into())]);
    // In flight it is since it was found.
    let again = wait(&mut engine, 1300, "ReceiveQueueRecords", &arn, 20, json!({}));
    engine.handle_timeout(at(3000));
    assert_eq!(data(&answers(&mut engine)), [(again, ["MQ=="].into())]);
}

#[test]
fn those_who_wait_are_bounded() {
    let (mut engine, arn) = with_queue(&json!({}));
    let input = json!({"QueueARN": arn}).to_string();
    for _ in 0..MAX_EXCHANGES {
        let handled = send(&mut engine, at(0), "Kinesis_20131202.ReceiveQueueRecords", &input);
        assert!(matches!(handled, Handled::Pending(_)));
    }
    let (status, answer) = call(&mut engine, at(0), "ReceiveQueueRecords", &input);
    assert_eq!((status, &answer["__type"]), (503, &"ServiceUnavailableException".into()));
    engine.handle_timeout(at(9000));
    assert_eq!(answers(&mut engine).len(), MAX_EXCHANGES);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn an_update_applies_when_it_is_complete() {
    let mut engine = engine(r#"{"durations":{"createQueue":100,"updateQueue":100,"deleteQueue":100}}"#);
    ok(&mut engine, at(0), "CreateStream", r#"{"StreamName":"s"}"#);
    let input = json!({
        "QueueName": "q",
        "StreamConfigurationList": [{"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}],
    });
    let made = ok(&mut engine, at(0), "CreateQueue", &input.to_string());
    let arn = made["QueueDescription"]["QueueARN"].clone();
    put(&mut engine, 10, "MQ==");
    let queue = json!({"QueueARN": arn}).to_string();
    ok(&mut engine, at(100), "ReceiveQueueRecords", &queue);
    let attributes = json!({
        "VisibilityTimeoutSeconds": 1,
        "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 1},
    });
    let input = json!({"QueueARN": arn, "QueueAttributes": attributes}).to_string();
    ok(&mut engine, at(200), "UpdateQueue", &input);
    let waiting = wait(
        &mut engine,
        200,
        "ReceiveDeadLetterQueueRecords",
        arn.as_str().unwrap(),
        20,
        json!({"VisibilityTimeoutSeconds": 43200}),
    );
    // The record was received once: with the new maximum that was the last time, but it is still in flight.
    engine.handle_timeout(at(300));
    assert_eq!(engine.poll_timeout(), Some(at(20_200)), "in flight until 30,100, as it was received");
    engine.handle_timeout(at(20_200));
    assert_eq!(data(&answers(&mut engine)), [(waiting, [].into())]);
    let dead = ok(&mut engine, at(30_100), "ReceiveDeadLetterQueueRecords", &queue);
    assert_eq!(dead["QueueRecords"][0]["Data"], "MQ==");
}

#[test]
fn a_receive_of_ten_stays_quick_with_a_hundred_thousand_in_flight() {
    let (mut engine, arn) = with_queue(&json!({"VisibilityTimeoutSeconds": 43200}));
    let record = r#"{"PartitionKey":"k","Data":""}"#;
    let body = format!(r#"{{"StreamName":"s","Records":[{}]}}"#, [record; 500].join(","));
    for _ in 0..200 {
        ok(&mut engine, at(0), "PutRecords", &body);
    }
    let input = crate::ReceiveQueueRecords { queue_arn: &arn, ..Default::default() };
    for _ in 0..10_000 {
        let reply = engine.receive_queue_records(at(1), &input).unwrap();
        assert_eq!(reply.queue_records.len(), 10);
    }
    assert!(engine.receive_queue_records(at(2), &input).unwrap().queue_records.is_empty());
}
