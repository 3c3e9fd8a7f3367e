//! What is due, by clocks that do not move.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::{Arc, Mutex};

use shardbrook::{Engine, EngineConfig, Fault, Request, Timestamp};
use shardbrook_server::{Answer, Clock, Host, Later};
use tokio::time::timeout;

/// A clock that stands still, and counts how often it is asked.
#[derive(Debug)]
struct Standing {
    asked: AtomicUsize,
    moves_by_itself: bool,
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_millis(0)
    }

    fn moves_by_itself(&self) -> bool {
        self.moves_by_itself
    }
}

const LIST_STREAMS: Request<'static> = Request {
    method: "POST",
    path: "/",
    headers: &[
        ("x-amz-target", "Kinesis_20131202.ListStreams"),
        ("content-type", "application/x-amz-json-1.1"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=x",
        ),
        ("x-amz-date", "20260101T000000Z"),
    ],
    body: b"{}",
};

/// A host with a fault that delays ListStreams.
fn delaying(clock: Arc<dyn Clock>) -> Arc<Host> {
    let host = Host::new(Engine::new(EngineConfig::default()).unwrap(), clock);
    let fault = Fault::from_json(r#"{"operation":"ListStreams","latencyMs":1}"#).unwrap();
    host.with_engine(|engine, _| engine.faults_mut().add(fault)).unwrap();
    host
}

/// A clock that runs a program, which frees an answer that it no longer waits for.
#[derive(Debug, Default)]
struct Freeing(Mutex<Option<Later>>);

impl Clock for Freeing {
    fn now(&self) -> Timestamp {
        drop(self.0.lock().unwrap().take());
        Timestamp::from_millis(0)
    }
}

#[tokio::test]
async fn a_clock_may_free_answers() {
    let clock = Arc::new(Freeing::default());
    let host = delaying(Arc::clone(&clock) as _);
    let Answer::Later(later) = host.call(&LIST_STREAMS).await else { panic!() };
    *clock.0.lock().unwrap() = Some(later);
    let (done, is_done) = std::sync::mpsc::channel();
    let asked = Arc::clone(&host);
    std::thread::spawn(move || {
        // While the engine is had, the clock is asked and frees the first answer.
        asked.with_engine(|_, _| ());
        asked.with_engine(|engine, _| done.send(engine.clamped_calls()).unwrap());
    });
    is_done.recv_timeout(Duration::from_secs(20)).expect("a host waits for itself");
    assert!(clock.0.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_clock_that_stands_still_is_left_alone() {
    for moves_by_itself in [false, true] {
        let clock = Arc::new(Standing { asked: AtomicUsize::new(0), moves_by_itself });
        let host = delaying(Arc::clone(&clock) as _);
        let answer = host.call(&LIST_STREAMS).await;
        assert!(matches!(answer, Answer::Later(_)), "{answer:?}");
        assert!(timeout(Duration::from_secs(1), host.run_timers()).await.is_err());
        // Once for each time that it should have come on; a thousand times if nobody waits.
        let asked = clock.asked.load(Ordering::SeqCst);
        assert!(asked < 100, "{asked}");
    }
}
