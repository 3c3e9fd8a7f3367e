//! The one table of errors: code, HTTP status, whether a client may retry.

use alloc::borrow::Cow;
use core::fmt;

macro_rules! error_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $status:literal, $retryable:literal;)+) => {
        /// What went wrong, as the services name it. This table drives HTTP answers, Python exception
        /// classes, JavaScript `error.code` and the documentation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorKind {
            /// Every kind, in alphabetical order of the names.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code a client sees as `__type`, exception name or `error.code`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status of the answer.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// Whether the same request may succeed later without a change.
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)+ }
            }
        }
    };
}

error_kinds! {
    /// The caller may not do this.
    AccessDenied = "AccessDeniedException", 400, false;
    /// Another update came first; read the resource again.
    ConcurrentModification = "ConcurrentModificationException", 400, false;
    /// The request was a dry run and would have succeeded.
    DryRunOperation = "DryRunOperationException", 400, false;
    /// The shard iterator is older than five minutes.
    ExpiredIterator = "ExpiredIteratorException", 400, false;
    /// The pagination token is older than five minutes.
    ExpiredNextToken = "ExpiredNextTokenException", 400, false;
    /// The signature lacks one of its parts.
    IncompleteSignature = "IncompleteSignatureException", 400, false;
    /// The service failed; a retry may succeed.
    InternalFailure = "InternalFailure", 500, true;
    /// The service failed while it ran the request; a retry may succeed.
    InternalFailureException = "InternalFailureException", 500, true;
    /// An argument is outside what the operation allows.
    InvalidArgument = "InvalidArgumentException", 400, false;
    /// The encryption key of the delivery stream cannot be used.
    InvalidKmsResource = "InvalidKMSResourceException", 400, false;
    /// The request carries two kinds of signature at once.
    InvalidSignature = "InvalidSignatureException", 400, false;
    /// The record did not come from the source that the delivery stream accepts.
    InvalidSource = "InvalidSourceException", 400, false;
    /// The caller may not use the key.
    KmsAccessDenied = "KMSAccessDeniedException", 400, false;
    /// The key is disabled.
    KmsDisabled = "KMSDisabledException", 400, false;
    /// The key's state does not allow the request.
    KmsInvalidState = "KMSInvalidStateException", 400, false;
    /// There is no such key.
    KmsNotFound = "KMSNotFoundException", 400, false;
    /// The caller has no subscription to the key service.
    KmsOptInRequired = "KMSOptInRequired", 400, false;
    /// The key service throttled the request.
    KmsThrottling = "KMSThrottlingException", 400, true;
    /// A limit on resources or calls is reached.
    LimitExceeded = "LimitExceededException", 400, true;
    /// The request is not signed.
    MissingAuthenticationToken = "MissingAuthenticationTokenException", 400, false;
    /// The throughput of the shard is used up.
    ProvisionedThroughputExceeded = "ProvisionedThroughputExceededException", 400, true;
    /// The body of the request is larger than the server reads.
    RequestEntityTooLarge = "RequestEntityTooLargeException", 413, false;
    /// The resource's state does not allow the request.
    ResourceInUse = "ResourceInUseException", 400, false;
    /// There is no such resource, or it cannot be used yet.
    ResourceNotFound = "ResourceNotFoundException", 400, false;
    /// The body is not what its content type and the operation say.
    Serialization = "SerializationException", 400, false;
    /// The service is busy; slow down and retry.
    ServiceUnavailable = "ServiceUnavailableException", 503, true;
    /// Calls of this operation come too fast.
    Throttling = "ThrottlingException", 400, true;
    /// There is no such operation.
    UnknownOperation = "UnknownOperationException", 400, false;
    /// There is no such access key.
    UnrecognizedClient = "UnrecognizedClientException", 400, false;
    /// A member violates a constraint of the model.
    Validation = "ValidationException", 400, false;
}

impl ErrorKind {
    /// The kind with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// A request that failed: its kind and the message a client reads.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The message; empty where the services send none.
    pub message: Cow<'static, str>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Shorthand for the commonest kind.
    pub fn invalid_argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            f.write_str(self.kind.code())
        } else {
            write!(f, "{}: {}", self.kind.code(), self.message)
        }
    }
}

impl core::error::Error for Error {}
