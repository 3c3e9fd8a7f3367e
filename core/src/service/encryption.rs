//! Starting and stopping the encryption of records.

use alloc::format;
use alloc::string::ToString;

use super::streams::Address;
use super::{Context, StreamRef, Streams};
use crate::error::{Error, ErrorKind};
use crate::stream::{EncryptionType, KmsKey, Transition};

/// How many times encryption can be started for a stream in any 24 hours, and stopped.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html>
const CHANGES_PER_DAY: usize = 25;

/// Encrypts records from the end of UPDATING on, or changes the key.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartStreamEncryption<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How; only KMS is allowed.
    pub encryption_type: EncryptionType,
    /// The key: its id or ARN, or an alias' name or ARN.
    pub key_id: &'a str,
}

/// Encrypts no more records from the end of UPDATING on.
#[derive(Clone, Copy, Debug, Default)]
pub struct StopStreamEncryption<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How they are encrypted; only KMS is allowed.
    pub encryption_type: EncryptionType,
    /// The key that they are encrypted with.
    pub key_id: &'a str,
}

impl Streams {
    pub(crate) fn start_stream_encryption(
        &mut self,
        cx: &mut Context<'_>,
        input: &StartStreamEncryption<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_active(&address)?;
        check_type(input.encryption_type)?;
        parse_key(input.key_id)?;
        if !stream.encryption_starts.accept(cx.now, CHANGES_PER_DAY) {
            return Err(too_often("StartStreamEncryption", &address));
        }
        let id = stream.id;
        self.start_update(cx, id, Transition::Encrypt(Some(input.key_id.to_string())));
        Ok(())
    }

    pub(crate) fn stop_stream_encryption(
        &mut self,
        cx: &mut Context<'_>,
        input: &StopStreamEncryption<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let stream = self.find_active(&address)?;
        check_type(input.encryption_type)?;
        let key = parse_key(input.key_id)?;
        let Some(key_id) = stream.key_id() else {
            let message =
                format!("Stream {} under account {} is not encrypted.", address.name, address.account);
            return Err(Error::invalid_argument(message));
        };
        if KmsKey::parse(key_id).is_some_and(|current| current.differs_from(key)) {
            return Err(Error::invalid_argument(format!(
                "Stream {} under account {} is encrypted with KeyId {key_id}, not with {}.",
                address.name, address.account, input.key_id
            )));
        }
        if !stream.encryption_stops.accept(cx.now, CHANGES_PER_DAY) {
            return Err(too_often("StopStreamEncryption", &address));
        }
        let id = stream.id;
        self.start_update(cx, id, Transition::Encrypt(None));
        Ok(())
    }
}

fn check_type(encryption_type: EncryptionType) -> Result<(), Error> {
    if encryption_type == EncryptionType::Kms {
        return Ok(());
    }
    Err(Error::invalid_argument("EncryptionType must be KMS."))
}

fn parse_key(text: &str) -> Result<KmsKey<'_>, Error> {
    KmsKey::parse(text).ok_or_else(|| {
        Error::invalid_argument(format!(
            "KeyId {text} is malformed. It must be the id of a KMS key, the ARN of a key or an alias, or the name of an \
             alias that starts with alias/."
        ))
    })
}

fn too_often(operation: &str, address: &Address<'_>) -> Error {
    let message = format!(
        "{operation} can be called at most {CHANGES_PER_DAY} times in 24 hours for stream {} under account {}.",
        address.name, address.account
    );
    Error::new(ErrorKind::LimitExceeded, message)
}
