//! Which web pages may ask.

use core::fmt;
use core::str::FromStr;

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Uri, http};

/// The web pages whose requests are answered. Programs that are no browsers name no origin, and are not affected.
///
/// A server on a developer's machine can be reached by every page that the developer has open, so the default is pages
/// that come from the machine itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "some, or all")]
pub enum Cors {
    /// Those of `localhost` and loopback addresses, on any port.
    #[default]
    Loopback,
    /// Those of these origins.
    Listed(Vec<Origin>),
    /// All.
    Any,
}

/// Where a page comes from, such as `https://app.example.com:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The ports that an origin does not name.
const DEFAULT_PORTS: [(&str, &str); 2] = [("http://", ":80"), ("https://", ":443")];

/// It is no origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginError(String);

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no origin: write scheme://host or scheme://host:port, without a path", self.0)
    }
}

impl core::error::Error for OriginError {}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let is_origin = text.parse::<Uri>().is_ok_and(|uri| {
            let rest = text.split_once("://").map(|(_, rest)| rest);
            uri.scheme().is_some()
                && uri.authority().is_some_and(|authority| rest == Some(authority.as_str()))
        });
        if !is_origin {
            return Err(OriginError(text.to_owned()));
        }
        let mut origin = text.to_ascii_lowercase();
        // Browsers leave out what goes without saying.
        for (scheme, port) in DEFAULT_PORTS {
            if origin.starts_with(scheme) && origin.ends_with(port) {
                origin.truncate(origin.len() - port.len());
            }
        }
        Ok(Self(origin))
    }
}

/// What a request's origin comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No page asks.
    NoPage,
    /// A page that may.
    Granted(HeaderValue),
    /// A page that may not.
    Denied,
}

impl Cors {
    /// Whether the page may ask that a request comes from.
    pub(crate) fn judge(&self, headers: &HeaderMap) -> Verdict {
        let Some(origin) = headers.get(header::ORIGIN) else { return Verdict::NoPage };
        let text = origin.to_str().unwrap_or_default();
        let is_granted = match self {
            Self::Any => return Verdict::Granted(HeaderValue::from_static("*")),
            Self::Loopback => is_loopback(text),
            Self::Listed(origins) => origins.iter().any(|Origin(known)| known.eq_ignore_ascii_case(text)),
        };
        if is_granted { Verdict::Granted(origin.clone()) } else { Verdict::Denied }
    }
}

fn is_loopback(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local_name = ["localhost", ".localhost"].iter().any(|name| {
        let host = host.to_ascii_lowercase();
        host == *name || (name.starts_with('.') && host.ends_with(name))
    });
    uri.scheme()
        .is_some_and(|scheme| *scheme == http::uri::Scheme::HTTP || *scheme == http::uri::Scheme::HTTPS)
        && (is_local_name || bare.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback()))
}

impl Verdict {
    /// Whether the request is to be refused.
    pub(crate) fn is_denied(&self) -> bool {
        *self == Self::Denied
    }

    /// Says in an answer which origin may read it, in place of what the engine says, for which all may.
    pub(crate) fn mark(self, headers: &mut HeaderMap) {
        match self {
            Self::Granted(origin) => {
                if origin != "*" {
                    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
                }
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            }
            Self::NoPage | Self::Denied => {
                headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(cors: &Cors, origin: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        matches!(cors.judge(&headers), Verdict::Granted(_))
    }

    #[test]
    fn pages_of_the_machine_itself_may_ask_by_default() {
        for origin in [
            "http://localhost",
            "https://LOCALHOST:3000",
            "http://app.localhost",
            "http://127.0.0.1:1",
            "http://[::1]:8",
        ] {
            assert!(judge(&Cors::Loopback, origin), "{origin}");
        }
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost.evil.example",
            "http://evillocalhost",
            "http://127.0.0.1.evil.example",
            "file://localhost",
            "",
        ] {
            assert!(!judge(&Cors::Loopback, origin), "{origin}");
        }
    }

    #[test]
    fn a_list_is_all_there_is() {
        let listed = Cors::Listed(vec!["https://app.example:8443".parse().unwrap()]);
        assert!(judge(&listed, "https://app.example:8443"));
        for origin in ["https://app.example", "http://app.example:8443", "http://localhost"] {
            assert!(!judge(&listed, origin), "{origin}");
        }
        let ports =
            ["https://App.example:443", "http://app.example:80", "http://app.example:443", "http://[::80]"];
        let listed = Cors::Listed(ports.map(|port| port.parse().unwrap()).to_vec());
        for origin in ["https://app.example", "http://app.example", "http://app.example:443", "http://[::80]"]
        {
            assert!(judge(&listed, origin), "{origin}");
        }
        assert!(!judge(&listed, "https://app.example:80"));
        assert!(judge(&Cors::Any, "null"));
        for text in ["app.example", "https://app.example/", "*", "https://", "null"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
