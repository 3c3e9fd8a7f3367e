//! The engine's waist in shapes that JavaScript reads.

use shardbrook::{
    Action, Effect, Engine, EngineConfig, Fault, Handled, Metric, Output, RecordReader, Response, Timestamp,
};

use crate::{Columns, Failure, millis, timestamp};

/// An engine with these options, a JSON object.
pub fn engine(options: &str) -> Result<Engine, Failure> {
    Ok(Engine::new(EngineConfig::from_json(options)?)?)
}

/// The engine of a snapshot. It starts when the snapshot was taken.
pub fn restore(snapshot: &[u8]) -> Result<Engine, Failure> {
    Ok(Engine::restore(Timestamp::EPOCH, snapshot)?)
}

/// The whole state of an engine.
pub fn snapshot(engine: &mut Engine, now: f64) -> Vec<u8> {
    engine.snapshot_bytes(timestamp(now))
}

/// Kind of clock, account and region.
pub fn settings(engine: &Engine) -> Vec<String> {
    let config = engine.config();
    vec![config.clock.as_str().into(), config.account.clone(), config.region.clone()]
}

/// Adds a fault, a JSON object.
pub fn add_fault(engine: &mut Engine, fault: &str) -> Result<(), Failure> {
    Ok(engine.faults_mut().add(Fault::from_json(fault)?)?)
}

/// The metrics of a stream, given by name or ARN, as a JSON array.
pub fn metrics(engine: &mut Engine, now: Timestamp, stream: &str) -> Result<String, Failure> {
    Ok(Metric::list_to_json(&engine.metrics(now, stream)?))
}

/// Header names and values by turns, a line each, as pairs.
pub fn request_headers(headers: &str) -> Vec<(&str, &str)> {
    let mut lines = headers.split('\n');
    core::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
}

/// What a call or an output comes to, before it is an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// `done`, `pending` or `stream`; of outputs `response`, `frame`, `end`, `reset`, `effect`, `event` or `timeout`.
    pub kind: &'static str,
    /// The exchange or the effect.
    pub id: Option<f64>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Header names and values by turns, a line each.
    pub headers: String,
    /// The bytes of the answer, the frame or the object.
    pub body: Option<Vec<u8>>,
    /// When the timeout or the effect is due.
    pub due: Option<f64>,
    /// Bucket, key, content type, content encoding, storage class, key that encrypts it, and expected owner of the
    /// bucket, of an object that is to be put; empty where there is none.
    pub object: Vec<String>,
}

/// What became of a request.
pub fn read_handled(handled: Handled) -> Answer {
    match handled {
        Handled::Done(response) => Answer { kind: "done", ..read_response(response) },
        Handled::Pending(id) => Answer { kind: "pending", id: Some(id.to_u64() as f64), ..Answer::default() },
        Handled::Stream(response, id) => {
            Answer { kind: "stream", id: Some(id.to_u64() as f64), ..read_response(response) }
        }
    }
}

/// What the host has to do.
pub fn read_output(output: Output) -> Answer {
    match output {
        Output::Response(id, response) => {
            Answer { kind: "response", id: Some(id.to_u64() as f64), ..read_response(response) }
        }
        Output::Frame(id, body) => {
            Answer { kind: "frame", id: Some(id.to_u64() as f64), body: Some(body), ..Answer::default() }
        }
        Output::End(id) => Answer { kind: "end", id: Some(id.to_u64() as f64), ..Answer::default() },
        Output::Reset(id) => Answer { kind: "reset", id: Some(id.to_u64() as f64), ..Answer::default() },
        Output::Effect(effect) => read_effect(effect),
        Output::Event(_) => Answer { kind: "event", ..Answer::default() },
        Output::Timeout(due) => Answer { kind: "timeout", due: due.map(millis), ..Answer::default() },
    }
}

fn read_response(response: Response) -> Answer {
    let mut headers = String::new();
    for (name, value) in &response.headers {
        for line in [name, &**value] {
            headers.push_str(line);
            headers.push('\n');
        }
    }
    headers.pop();
    Answer { status: Some(response.status), headers, body: Some(response.body), ..Answer::default() }
}

fn read_effect(effect: Effect) -> Answer {
    let head = Answer {
        kind: "effect",
        id: Some(effect.id.to_u64() as f64),
        due: Some(millis(effect.due)),
        ..Answer::default()
    };
    match effect.action {
        Action::PutObject { bucket, key, body, content_type, content_encoding, handling } => {
            let object = vec![
                bucket,
                key,
                content_type.to_owned(),
                content_encoding.unwrap_or_default().to_owned(),
                handling.storage_class.as_str().to_owned(),
                handling.kms_key_id.unwrap_or_default(),
                handling.expected_bucket_owner.map(|owner| owner.to_string()).unwrap_or_default(),
            ];
            Answer { body: Some(body), object, ..head }
        }
        // The façade answers what it does not know with a failure.
        _ => head,
    }
}

/// The next records of a reader: shard, sequence number, partition key, explicit hash key and what is wrong as texts,
/// the data, arrival time and sub-sequence number. An empty key stands for none: the service takes no empty one.
pub fn next_batch(
    reader: &mut RecordReader,
    engine: &mut Engine,
    now: Timestamp,
) -> Result<Columns, Failure> {
    let mut columns = Columns::default();
    for item in reader.next_batch(engine, now)? {
        match item {
            Ok(record) => {
                columns.push_text(record.shard_id);
                columns.push_text(record.sequence_number);
                columns.push_str(record.partition_key.unwrap_or_default());
                columns.push_optional(record.explicit_hash_key);
                columns.push_str("");
                columns.push_data(record.data);
                let place = record.sub_sequence_number as f64;
                columns.numbers.extend([millis(record.approximate_arrival_timestamp), place]);
            }
            Err(bad) => {
                columns.push_text(bad.shard_id);
                columns.push_text(bad.sequence_number);
                columns.push_str("");
                columns.push_str("");
                columns.push_text(bad);
                columns.push_data(&[]);
                columns.numbers.extend([0.0, bad.member.index as f64]);
            }
        }
    }
    Ok(columns)
}
