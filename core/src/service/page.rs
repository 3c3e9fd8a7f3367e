//! Pagination tokens: opaque, good for five minutes.

use alloc::format;
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
    /// A token that carries `position`, where the next page starts. It is good for callers of the same account in the
    /// same region: who has the token of another may be one to whom a policy denies the list.
    pub(super) fn seal_page(&self, kind: TokenKind, position: &[u8]) -> String {
        let caller = self.page_caller();
        let mut payload = Vec::with_capacity(8 + caller.len() + position.len());
        payload.extend_from_slice(&self.now.as_millis().to_be_bytes());
        payload.extend_from_slice(caller.as_bytes());
        payload.extend_from_slice(position);
        self.sealer.seal(kind, &payload)
    }

    /// The position in a token that is still good.
    pub(super) fn open_page(&self, kind: TokenKind, token: &str) -> Result<Vec<u8>, Error> {
        let payload = self.sealer.open(kind, token).ok_or_else(invalid_token)?;
        let (made, payload) = payload.split_first_chunk::<8>().ok_or_else(invalid_token)?;
        let position = payload.strip_prefix(self.page_caller().as_bytes()).ok_or_else(invalid_token)?;
        if self.now.millis_since(Timestamp::from_millis(u64::from_be_bytes(*made))) > TOKEN_LIFE_MS {
            let message =
                "NextToken has expired: a token can be used for 300 seconds. Start again without it.";
            return Err(Error::new(ErrorKind::ExpiredNextToken, message));
        }
        Ok(position.to_vec())
    }

    /// The caller as tokens name it; no name of a region has a line break.
    fn page_caller(&self) -> String {
        format!("{}/{}\n", self.account, self.region)
    }
}

pub(super) fn invalid_token() -> Error {
    Error::invalid_argument("Invalid NextToken: it was not returned by this operation.")
}
