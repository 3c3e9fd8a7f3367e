//! What operators ask, on paths that no AWS client uses.

use shardbrook::{Fault, Request, Response};

use crate::Clock as _;
use crate::front::Front;
use crate::metrics;

/// Answers a request of an operator; gives nothing for one of a client of AWS.
pub(crate) fn answer(front: &Front, request: &Request<'_>) -> Option<Response> {
    let path = request.path.split_once('?').map_or(request.path, |(path, _)| path);
    Some(match (request.method, path) {
        ("GET" | "HEAD", "/_shardbrook/health") => health(front),
        ("GET" | "HEAD", "/_localstack/health") => {
            json(200, r#"{"services":{"kinesis":"running","firehose":"running"}}"#.to_owned())
        }
        ("GET" | "HEAD", "/metrics" | "/_shardbrook/metrics") => {
            Response::new(200, metrics::CONTENT_TYPE, front.metrics_text().into())
        }
        (method, "/_shardbrook/clock") => clock(front, method, request.body),
        (method, "/_shardbrook/faults") => faults(front, method, request.body),
        (_, path) if path.starts_with("/_shardbrook/") => {
            problem(404, "there are health, metrics, clock and faults below /_shardbrook/")
        }
        _ => return None,
    })
}

/// Whether a request is one that an operator may make without a signature.
pub(crate) fn is_public(request: &Request<'_>) -> bool {
    let path = request.path.split_once('?').map_or(request.path, |(path, _)| path);
    matches!(request.method, "GET" | "HEAD")
        && matches!(path, "/_shardbrook/health" | "/_localstack/health" | "/metrics" | "/_shardbrook/metrics")
}

fn health(front: &Front) -> Response {
    match front.host().failure() {
        None => json(200, r#"{"status":"ready"}"#.to_owned()),
        Some(reason) => {
            json(503, serde_json::json!({ "status": "failed", "reason": reason.to_string() }).to_string())
        }
    }
}

fn clock(front: &Front, method: &str, body: &[u8]) -> Response {
    let Some(clock) = front.manual_clock() else {
        return problem(409, "the clock is the system's: start the server with --clock manual");
    };
    match method {
        "GET" => {}
        "POST" => {
            let millis = serde_json::from_slice::<serde_json::Value>(body).ok();
            let Some(millis) = millis.and_then(|value| value.get("advanceMs")?.as_u64()) else {
                return problem(400, r#"the body must be {"advanceMs": milliseconds}"#);
            };
            clock.advance(millis);
            front.host().tick();
        }
        _ => return problem(405, "GET tells the time, POST advances it"),
    }
    json(200, serde_json::json!({ "now": clock.now().as_millis() }).to_string())
}

fn faults(front: &Front, method: &str, body: &[u8]) -> Response {
    let Some(result) = front.host().with_faults(|faults| match method {
        "POST" => {
            let text = core::str::from_utf8(body).unwrap_or_default();
            Fault::from_json(text).and_then(|fault| faults.add(fault)).map_err(|error| error.to_string())
        }
        "DELETE" => {
            faults.clear();
            Ok(())
        }
        _ => Err("POST adds a fault, DELETE takes all away".to_owned()),
    }) else {
        return problem(
            409,
            "a server with --data-dir has no faults: they would be missing when it starts again",
        );
    };
    match result {
        Ok(()) => json(200, "{}".to_owned()),
        Err(reason) => problem(400, &reason),
    }
}

fn json(status: u16, body: String) -> Response {
    Response::new(status, "application/json", body.into())
}

fn problem(status: u16, message: &str) -> Response {
    json(status, serde_json::json!({ "message": message }).to_string())
}
