//! What operators ask, on paths that no AWS client uses.

use shardbrook::{Fault, Request, Response};

use crate::Clock as _;
use crate::front::Front;
use crate::metrics;

/// What an operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Health,
    LocalstackHealth,
    Metrics,
    Clock,
    Faults,
    /// None that there is.
    Unknown,
}

impl Page {
    /// The page that a request is about; none for one of a client of AWS.
    pub(crate) fn of(request: &Request<'_>) -> Option<Self> {
        let path = request.path.split_once('?').map_or(request.path, |(path, _)| path);
        let is_read = matches!(request.method, "GET" | "HEAD");
        Some(match path {
            "/_shardbrook/health" if is_read => Self::Health,
            "/_localstack/health" if is_read => Self::LocalstackHealth,
            "/metrics" | "/_shardbrook/metrics" if is_read => Self::Metrics,
            "/_shardbrook/clock" => Self::Clock,
            "/_shardbrook/faults" => Self::Faults,
            path if path.starts_with("/_shardbrook/") => Self::Unknown,
            _ => return None,
        })
    }

    /// Whether it is shown without a signature, and however busy the server is.
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Health | Self::LocalstackHealth | Self::Metrics)
    }

    /// Answers a request for it.
    pub(crate) async fn answer(self, front: &Front, request: &Request<'_>) -> Response {
        match self {
            Self::Health => health(front, r#"{"status":"ready"}"#),
            Self::LocalstackHealth => {
                health(front, r#"{"services":{"kinesis":"running","firehose":"running"}}"#)
            }
            Self::Metrics => Response::new(200, metrics::CONTENT_TYPE, front.metrics_text().into()),
            Self::Clock => clock(front, request.method, request.body).await,
            Self::Faults => faults(front, request.method, request.body),
            Self::Unknown => problem(404, "there are health, metrics, clock and faults below /_shardbrook/"),
        }
    }
}

fn health(front: &Front, well: &str) -> Response {
    match front.host().failure() {
        None => json(200, well.to_owned()),
        Some(reason) => {
            json(503, serde_json::json!({ "status": "failed", "reason": reason.to_string() }).to_string())
        }
    }
}

async fn clock(front: &Front, method: &str, body: &[u8]) -> Response {
    let Some(clock) = front.manual_clock() else {
        return problem(409, "the clock is the system's: start the server with --clock manual");
    };
    let now = match method {
        "GET" => clock.now(),
        "POST" => {
            let millis = serde_json::from_slice::<serde_json::Value>(body).ok();
            let Some(millis) = millis.and_then(|value| value.get("advanceMs")?.as_u64()) else {
                return problem(400, r#"the body must be {"advanceMs": milliseconds}"#);
            };
            front.host().written().await;
            let now = clock.advance(millis);
            front.host().tick();
            now
        }
        _ => return problem(405, "GET tells the time, POST advances it"),
    };
    // Nobody is told of a time that a crash takes back.
    match front.host().durable().await {
        Ok(()) => json(200, serde_json::json!({ "now": now.as_millis() }).to_string()),
        Err(failure) => problem(500, &failure.to_string()),
    }
}

fn faults(front: &Front, method: &str, body: &[u8]) -> Response {
    if !matches!(method, "POST" | "DELETE") {
        return problem(405, "POST adds a fault, DELETE takes all away");
    }
    let Some(result) = front.host().with_faults(|faults| match method {
        "POST" => {
            let text = core::str::from_utf8(body).unwrap_or_default();
            Fault::from_json(text).and_then(|fault| faults.add(fault)).map_err(|error| error.to_string())
        }
        _ => {
            faults.clear();
            Ok(())
        }
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
