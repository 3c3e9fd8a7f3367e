//! Pagination tokens: opaque, good for five minutes.

use alloc::string::String;
use alloc::vec::Vec;

use super::Context;
use crate::error::{Error, ErrorKind};
use crate::time::Timestamp;
use crate::token::TokenKind;

/// How long a token can be used.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html>
const TOKEN_LIFE_MS: u64 = 300_000;

impl Context<'_> {
    /// A token that carries `position`, where the next page starts.
    pub(super) fn seal_page(&self, kind: TokenKind, position: &[u8]) -> String {
        let mut payload = Vec::with_capacity(8 + position.len());
        payload.extend_from_slice(&self.now.as_millis().to_be_bytes());
        payload.extend_from_slice(position);
        self.sealer.seal(kind, &payload)
    }

    /// The position in a token that is still good.
    pub(super) fn open_page(&self, kind: TokenKind, token: &str) -> Result<Vec<u8>, Error> {
        let mut payload = self.sealer.open(kind, token).ok_or_else(invalid_token)?;
        let made = payload.first_chunk::<8>().copied().ok_or_else(invalid_token)?;
        if self.now.millis_since(Timestamp::from_millis(u64::from_be_bytes(made))) > TOKEN_LIFE_MS {
            let message =
                "NextToken has expired: a token can be used for 300 seconds. Start again without it.";
            return Err(Error::new(ErrorKind::ExpiredNextToken, message));
        }
        payload.drain(..made.len());
        Ok(payload)
    }
}

pub(super) fn invalid_token() -> Error {
    Error::invalid_argument("Invalid NextToken: it was not returned by this operation.")
}
