//! Who signed, when, and for what.

use std::time::UNIX_EPOCH;

use shardbrook::wire::{Authorization, Service, find_operation};
use shardbrook::{Error, ErrorKind, Request, Timestamp};

use super::{invalid, text_of};

/// The word that ends each scope.
const TERMINATOR: &str = "aws4_request";
/// How far a client's clock may be off, by the messages of both services: "… is now earlier than … (… - 5 min.)" and
/// "… is still later than … (… + 5 min.)".
/// Sources: <https://github.com/awslabs/amazon-kinesis-producer/issues/222>,
/// <https://github.com/aws/aws-sdk-go/issues/2194>, <https://github.com/awslabs/amazon-kinesis-agent/issues/177>
const SKEW_MS: u64 = 5 * 60 * 1000;
/// For how long a presigned request can be good, in seconds.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
const MAX_EXPIRES: u64 = 7 * 24 * 3600;

/// The name by which a service is signed for.
pub(crate) const fn service_name(service: Service) -> &'static str {
    match service {
        Service::Kinesis => "kinesis",
        Service::Firehose => "firehose",
    }
}

/// Who signed, when, and for what.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) access_key: String,
    date: String,
    region: String,
    service: String,
    /// When the request was signed, as `20130524T000000Z`. Texts of this form are in order of time.
    pub(super) date_time: String,
    /// How many seconds a presigned request is good for.
    expires: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Reads what a request claims.
    pub(super) fn parse(request: &Request<'a>, claimed: &Authorization<'a>) -> Result<Self, Error> {
        let credential = text_of(claimed.credential, claimed.is_presigned);
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key, date, region, service, terminator] = parts[..] else {
            let message = format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            );
            return Err(Error::new(ErrorKind::IncompleteSignature, message));
        };
        if terminator != TERMINATOR {
            return Err(invalid(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
            )));
        }
        let (date_time, expires) = if claimed.is_presigned {
            let date_time = request.query("X-Amz-Date").map(|text| text_of(text, true));
            (date_time, Some(request.query("X-Amz-Expires").unwrap_or_default()))
        } else {
            (date_of(request), None)
        };
        let date_time = date_time.filter(|text| is_date_time(text)).ok_or_else(|| {
            Error::new(
                ErrorKind::IncompleteSignature,
                "Date must be in ISO-8601 'basic format', such as 20130524T000000Z.",
            )
        })?;
        if !date_time.starts_with(date) || date.len() != 8 {
            let day = &date_time[..8];
            return Err(invalid(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{date}' != '{day}', from '{date_time}'."
            )));
        }
        let [access_key, date, region, service] = [access_key, date, region, service].map(str::to_owned);
        Ok(Self { access_key, date, region, service, date_time, expires })
    }

    /// What the signing key is made of, in order.
    pub(super) fn parts(&self) -> [&str; 4] {
        [&self.date, &self.region, &self.service, TERMINATOR]
    }

    /// The scope as it is signed.
    pub(super) fn text(&self) -> String {
        self.parts().join("/")
    }

    /// Checks that the request was signed for the service that it asks.
    pub(super) fn check_service(&self, request: &Request<'_>) -> Result<(), Error> {
        let asked =
            request.header("x-amz-target").and_then(find_operation).map(|operation| operation.service);
        let expected = asked.unwrap_or(Service::Kinesis);
        if self.service == service_name(expected)
            || asked.is_none() && self.service == service_name(Service::Firehose)
        {
            return Ok(());
        }
        let name = service_name(expected);
        Err(invalid(format!("Credential should be scoped to correct service: '{name}'.")))
    }

    /// Checks that the request was signed a moment ago.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), Error> {
        let signed = &self.date_time;
        let current = compact(now);
        let latest = compact(now.plus_millis(SKEW_MS));
        if *signed > latest {
            return Err(invalid(format!(
                "Signature not yet current: {signed} is still later than {latest} ({current} + 5 min.)"
            )));
        }
        let (life_ms, life) = match self.expires {
            None => (SKEW_MS, "5 min.".to_owned()),
            Some(text) => {
                let seconds = text.parse().ok().filter(|seconds| (1..=MAX_EXPIRES).contains(seconds));
                let seconds = seconds.ok_or_else(|| {
                    let message =
                        format!("X-Amz-Expires must be a number of seconds from 1 to {MAX_EXPIRES}.");
                    Error::new(ErrorKind::IncompleteSignature, message)
                })?;
                (seconds * 1000, format!("{seconds} sec."))
            }
        };
        let earliest = compact(now.minus_millis(life_ms));
        if *signed < earliest {
            return Err(invalid(format!(
                "Signature expired: {signed} is now earlier than {earliest} ({current} - {life})"
            )));
        }
        Ok(())
    }
}

/// When a request says that it was signed.
fn date_of(request: &Request<'_>) -> Option<String> {
    if let Some(date) = request.header("x-amz-date") {
        return Some(date.to_owned());
    }
    let date = request.header("date")?;
    if is_date_time(date) {
        return Some(date.to_owned());
    }
    let since = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(compact(Timestamp::from_millis(u64::try_from(since.as_millis()).ok()?)))
}

fn is_date_time(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// A time as `20130524T000000Z`.
pub(super) fn compact(time: Timestamp) -> String {
    let t = time.to_civil();
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.year, t.month, t.day, t.hour, t.minute, t.second)
}
