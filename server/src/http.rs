//! HTTP to requests of the host, and back.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use shardbrook::wire::find_operation;
use shardbrook::{Error, ErrorKind, Request, Response};
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

use crate::activity::Busy;
use crate::admin::Page;
use crate::auth::{Claim, service_name};
use crate::body::{self, AnswerBody, BodyError};
use crate::budget::Held;
use crate::clock::{Clock as _, SystemClock};
use crate::connection::Broken;
use crate::cors::Verdict;
use crate::exchanges::Reset;
use crate::front::Front;
use crate::host::Answer;
use crate::pause;

/// The name under which requests are counted that no operation sees.
const NO_OPERATION: &str = "none";
/// What a field of a head takes beside its name and its value.
const FIELD_BYTES: usize = 64;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ID_2: HeaderName = HeaderName::from_static("x-amz-id-2");

/// Answers a request.
pub(crate) async fn answer(
    front: Arc<Front>,
    busy: Busy,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<AnswerBody>, Broken> {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let (operation, service) = operation_of(&head);
    let page = front.cors().judge(&head.headers);
    let mut answer = match route(&front, &head, &page, body).await? {
        Reply::Whole(response, held) => respond(response, |bytes| AnswerBody::whole(bytes, held, busy)),
        Reply::Pieces(response, frames) => {
            respond(response, |_| AnswerBody::pieces(frames, front.budget(), busy))
        }
    };
    page.mark(answer.headers_mut());
    let (status, took) = (answer.status().as_u16(), began.elapsed());
    front.metrics().answered(service, operation, status, took);
    let (method, path, took_us) = (head.method.as_str(), head.uri.path(), took.as_micros());
    if status >= 500 {
        warn!(service, operation, method, path, status, took_us, "answered");
    } else {
        debug!(service, operation, method, path, status, took_us, "answered");
    }
    // What the client needs is no time of ours.
    if let Some(pause) = pause::before_answer(&head, answer.body().size_hint().exact()) {
        sleep(pause).await;
    }
    Ok(answer)
}

/// An answer, before it is HTTP.
enum Reply {
    /// All of it, which counts as on its way.
    Whole(Response, Held),
    Pieces(Response, crate::Frames),
}

/// The one operation whose answer is large and takes nothing away: what there is no room for can be asked again.
const LARGE_READ: &str = "GetRecords";

async fn route(front: &Front, head: &Parts, page: &Verdict, body: Incoming) -> Result<Reply, Broken> {
    let headers = headers(head);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request { method: head.method.as_str(), path, headers: &headers, body: &[] };
    let whole = |response: Response| {
        let mut held = front.budget().hold();
        let has_room = held.add(response.body.len());
        (Reply::Whole(response, held), has_room)
    };
    let refuse = |error| Ok(whole(front.host().refuse(&request, error)).0);
    let asked = Page::of(&request);
    let is_public = asked.is_some_and(Page::is_public);
    let mut held = front.budget().hold();
    let checked = if held.add(head_bytes(head)) || is_public {
        check_head(&request, page).and_then(|()| check_signature(front, &request, is_public))
    } else {
        Err(BodyError::Busy.into_answer(front.limits())?)
    };
    let claim = match checked {
        Ok(claim) => claim,
        Err(error) => {
            body::discard(head, body, front.limits()).await;
            return refuse(error);
        }
    };
    let (body, _held) = match body::read(body, front.limits(), front.budget()).await {
        Ok(read) => read,
        Err((error, body)) => {
            let error = error.into_answer(front.limits())?;
            body::discard(head, body, front.limits()).await;
            return refuse(error);
        }
    };
    let request = Request { body: &body, ..request };
    if let Some(claim) = claim
        && let Err(error) = claim.verify(&request)
    {
        return refuse(error);
    }
    if let Some(asked) = asked {
        return Ok(whole(asked.answer(front, &request).await).0);
    }
    let (reply, has_room) = match front.host().call(&request).await {
        Answer::Whole(response) => whole(response),
        Answer::Later(later) => whole(later.wait().await.ok_or(Reset)?),
        Answer::Pieces(head, frames) => return Ok(Reply::Pieces(head, frames)),
    };
    if !has_room && operation_of(head).0 == LARGE_READ {
        drop(reply);
        return refuse(BodyError::Busy.into_answer(front.limits())?);
    }
    Ok(reply)
}

/// What a head takes, about.
fn head_bytes(head: &Parts) -> usize {
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD_BYTES);
    fields.sum::<usize>() + head.uri.path_and_query().map_or(0, |path| path.as_str().len())
}

/// The headers as the engine reads them; what is not text says nothing to it.
fn headers(head: &Parts) -> Vec<(&str, &str)> {
    // HTTP/2 has the host elsewhere.
    let is_missing = !head.headers.contains_key(header::HOST);
    let host = head.uri.authority().filter(|_| is_missing);
    let mut headers = Vec::with_capacity(head.headers.len() + 1);
    for (name, value) in &head.headers {
        if let Ok(value) = core::str::from_utf8(value.as_bytes()) {
            headers.push((name.as_str(), value));
        }
    }
    headers.extend(host.map(|host| ("host", host.as_str())));
    headers
}

/// What can be said of a request before its body is read.
fn check_head(request: &Request<'_>, page: &Verdict) -> Result<(), Error> {
    if page.is_denied() {
        let message = "The page's origin is not among those that may ask: see --cors.";
        return Err(Error::new(ErrorKind::AccessDenied, message));
    }
    match request.header("content-encoding") {
        None | Some("" | "identity") => Ok(()),
        Some(encoding) => {
            let message =
                format!("Bodies with the content encoding {encoding:?} are not read: send them as they are.");
            Err(Error::new(ErrorKind::Serialization, message))
        }
    }
}

/// What a request claims by its signature, if that is to be verified.
fn check_signature<'a>(
    front: &'a Front,
    request: &Request<'a>,
    is_public: bool,
) -> Result<Option<Claim<'a>>, Error> {
    if is_public || is_preflight(request) {
        return Ok(None);
    }
    front.access_keys().check(request, SystemClock.now())
}

/// Whether a browser asks what it may ask; it can't sign that.
fn is_preflight(request: &Request<'_>) -> bool {
    request.method == "OPTIONS" && request.header("origin").is_some()
}

/// The names of the operation and its service under which a request is counted.
fn operation_of(head: &Parts) -> (&'static str, &'static str) {
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(find_operation);
    operation
        .map_or((NO_OPERATION, NO_OPERATION), |operation| (operation.name, service_name(operation.service)))
}

fn respond(response: Response, body: impl FnOnce(Vec<u8>) -> AnswerBody) -> hyper::Response<AnswerBody> {
    let mut answer = hyper::Response::new(body(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or_default();
    for (name, value) in response.headers {
        if let (Some(name), Some(value)) = (header_name(name), header_value(value)) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

/// The name of a header; those of every answer are there already.
fn header_name(name: &'static str) -> Option<HeaderName> {
    match name {
        "Content-Type" => Some(header::CONTENT_TYPE),
        "x-amzn-RequestId" => Some(REQUEST_ID),
        "x-amz-id-2" => Some(ID_2),
        other => HeaderName::try_from(other).ok(),
    }
}

/// The value of a header, without a copy where there is none to be made.
fn header_value(value: Cow<'static, str>) -> Option<HeaderValue> {
    match value {
        // `HeaderValue::from_static` panics where there is something to refuse.
        Cow::Borrowed(text) => HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes())).ok(),
        Cow::Owned(text) => HeaderValue::try_from(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_engine() {
        let mut response = Response::default();
        response.status = 400;
        response.headers = vec![
            ("Content-Type", "application/x-amz-json-1.1".into()),
            ("x-amzn-RequestId", "1".to_owned().into()),
            ("x-amz-id-2", "2".to_owned().into()),
            ("x-amzn-ErrorType", "ß".to_owned().into()),
            ("not a name", "x".into()),
            ("Date", "two\nlines".into()),
            ("Vary", "a".into()),
            ("Vary", "b".into()),
        ];
        let names: Vec<_> = response.headers.iter().map(|(name, _)| *name).collect();
        let expected: Vec<_> = response
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(&**value).ok()?))
            })
            .collect();
        let budget = crate::budget::Budget::new(1);
        let activity = crate::activity::Activity::starting_now();
        let answer = respond(response, |bytes| AnswerBody::whole(bytes, budget.hold(), activity.begin()));
        assert_eq!(answer.status(), 400);
        let headers: Vec<_> =
            answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        assert_eq!(headers, expected);
        assert_eq!((headers.len(), names.len()), (6, 8));
    }
}
