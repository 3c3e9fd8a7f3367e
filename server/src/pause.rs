//! Clients that must not be answered at once.

use core::time::Duration;

use hyper::http::request::Parts;
use hyper::{Version, header};

/// How the AWS SDKs for Go name themselves. Over HTTP/1.1 their transport closes a connection on which an answer came
/// before it noticed that its own request was sent. What it has read by then is taken for good; the rest of the answer is
/// lost, and the caller gets "use of closed network connection". Here that were one call of ten.
/// Source: <https://github.com/aws/aws-sdk-go-v2/issues/2737>
const IMPATIENT: &[u8] = b"aws-sdk-go";
/// Answers up to here are read at once with their heads, so nothing of them is lost: that transport reads 4,096 bytes.
const READ_AT_ONCE_BYTES: u64 = 2048;
/// Long enough for the client to notice; AWS itself never answers sooner.
const PAUSE: Duration = Duration::from_millis(5);

/// How long an answer has to wait before it is sent; `body_bytes` are those of its body, if they are known.
pub(crate) fn before_answer(request: &Parts, body_bytes: Option<u64>) -> Option<Duration> {
    let agent = request.headers.get(header::USER_AGENT);
    let is_impatient = request.version <= Version::HTTP_11
        && agent.is_some_and(|agent| agent.as_bytes().starts_with(IMPATIENT))
        && body_bytes.is_none_or(|bytes| bytes > READ_AT_ONCE_BYTES);
    is_impatient.then_some(PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(version: Version, agent: &str, body_bytes: Option<u64>) -> bool {
        let request =
            hyper::Request::builder().version(version).header("user-agent", agent).body(()).unwrap();
        before_answer(&request.into_parts().0, body_bytes).is_some()
    }

    #[test]
    fn only_what_go_could_lose_waits() {
        let go = "aws-sdk-go-v2/1.17.1 os/linux lang/go/1.19.8";
        assert!(pauses(Version::HTTP_11, go, None));
        assert!(pauses(Version::HTTP_11, go, Some(10_000)));
        assert!(!pauses(Version::HTTP_11, go, Some(2048)));
        assert!(!pauses(Version::HTTP_2, go, None));
        assert!(!pauses(Version::HTTP_11, "aws-sdk-js/3.1143.0", None));
    }
}
