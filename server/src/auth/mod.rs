//! Signatures, verified as AWS does it: version 4, in a header or in the query.
//!
//! The signing crates choose by themselves which headers they sign, and how; whoever verifies has to take the client's
//! choice. So the hashes are those of kept crates, and the text that is signed is put together here.

mod canonical;
mod scope;
#[cfg(test)]
mod tests;

use core::fmt;
use core::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use shardbrook::wire::{Authorization, authorization};
use shardbrook::{Error, ErrorKind, Request, Timestamp};

use self::canonical::{canonical_request, hex};
use self::scope::Scope;
pub(crate) use self::scope::service_name;

/// The one way of signing that is known.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Headers that say what a request asks or who asks: they count only if they are signed.
const MUST_BE_SIGNED: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-target"];
/// What AWS says to a signature that is not that of the secret.
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
    Secret Access Key and signing method. Consult the service documentation for details.";

/// An access key: its id, which requests name, and its secret, which they are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    id: String,
    secret: String,
}

impl AccessKey {
    /// The key with this id and secret.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl FromStr for AccessKey {
    type Err = &'static str;

    /// Reads `KEY_ID:SECRET`.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(Self::new(id, secret)),
            _ => Err("an access key is written KEY_ID:SECRET"),
        }
    }
}

/// The keys that requests may be signed with. Without any, signatures are not verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessKeys(Vec<AccessKey>);

impl FromIterator<AccessKey> for AccessKeys {
    fn from_iter<I: IntoIterator<Item = AccessKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

/// What a request claims by its head, and all that is needed to verify it with its body.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    key: &'a AccessKey,
    scope: Scope<'a>,
    signed_headers: String,
    signature: String,
}

impl AccessKeys {
    /// Checks all of a request's signature that needs no body; gives nothing if signatures are not verified.
    ///
    /// # Errors
    /// The answer to a request that is not signed, or by an unknown key, or at another time.
    pub(crate) fn check<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
    ) -> Result<Option<Claim<'a>>, Error> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let claimed: Authorization<'a> = authorization(request)?;
        if claimed.algorithm != ALGORITHM {
            let message = format!("Unsupported AWS 'algorithm': '{}'.", claimed.algorithm);
            return Err(Error::new(ErrorKind::IncompleteSignature, message));
        }
        let scope = Scope::parse(request, &claimed)?;
        let key = self.0.iter().find(|key| key.id == scope.access_key);
        let key = key.ok_or_else(|| {
            Error::new(
                ErrorKind::UnrecognizedClient,
                "The security token included in the request is invalid.",
            )
        })?;
        scope.check_time(now)?;
        scope.check_service(request)?;
        let signed_headers = text_of(claimed.signed_headers, claimed.is_presigned);
        let must_be = MUST_BE_SIGNED.iter().filter(|name| request.header(name).is_some());
        for name in must_be.chain(&["host"]) {
            if !signed_headers.split(';').any(|signed| signed == *name) {
                return Err(invalid(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
            }
        }
        if !are_in_order(&signed_headers) {
            // AWS puts them in order by itself, and what it calculates then is another signature.
            return Err(invalid(MISMATCH));
        }
        let signature = claimed.signature.to_owned();
        Ok(Some(Claim { key, scope, signed_headers, signature }))
    }
}

impl Claim<'_> {
    /// Verifies the signature of the whole request.
    ///
    /// # Errors
    /// The answer to a request that was not signed so.
    pub(crate) fn verify(&self, request: &Request<'_>) -> Result<(), Error> {
        let mismatch = || invalid(MISMATCH);
        let canonical = canonical_request(request, &self.signed_headers).ok_or_else(mismatch)?;
        let hash = hex(&Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{}\n{}\n{hash}", self.scope.date_time, self.scope.text());
        let claimed = from_hex(&self.signature).ok_or_else(mismatch)?;
        // In constant time.
        self.signing_key().chain_update(text).verify_slice(&claimed).map_err(|_| mismatch())
    }

    fn signing_key(&self) -> Hmac<Sha256> {
        let mut key = format!("AWS4{}", self.key.secret).into_bytes();
        for part in self.scope.parts() {
            key = hmac(&key).chain_update(part).finalize().into_bytes().to_vec();
        }
        hmac(&key)
    }
}

/// Whether names of headers are as they are signed: in lower case and in order, each of them once. A header's value is
/// part of what is signed as often as its name is, so nothing else may be put together.
fn are_in_order(signed_headers: &str) -> bool {
    let names = signed_headers.split(';');
    !signed_headers.bytes().any(|byte| byte.is_ascii_uppercase())
        && names.clone().zip(names.skip(1)).all(|(name, next)| name < next)
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "this kind of code takes keys of any length")]
    Hmac::new_from_slice(key).expect("keys have any length")
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidSignature, message)
}

/// A value of a header, or of a query, where it is percent-encoded.
fn text_of(value: &str, is_encoded: bool) -> String {
    if is_encoded {
        String::from_utf8_lossy(&canonical::decode(value)).into_owned()
    } else {
        value.to_owned()
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(bytes)
}
