//! The streams that queues and channels deliver from.

use alloc::format;

use super::streams::{Address, check_active};
use super::{Context, StreamRef, Streams};
use crate::error::{Error, ErrorKind};
use crate::stream::{Stream, StreamMode};

impl Streams {
    /// The stream that a new queue or channel is to deliver from: of the account and region that the request uses, as
    /// the queue's or channel's name is, on-demand, and ACTIVE.
    pub(super) fn find_source(&self, cx: &Context<'_>, arn: &str) -> Result<&Stream, Error> {
        let address = Address::of(cx, StreamRef::with_arn(arn))?;
        if (address.account, address.region) != (cx.account, cx.region) {
            return Err(Error::invalid_argument(format!(
                "The stream {arn} is not in the account and region of the request, {} and {}.",
                cx.account, cx.region
            )));
        }
        let stream = self.find(&address)?;
        check_on_demand(stream)?;
        check_active(stream)?;
        Ok(stream)
    }
}

/// Refuses what provisioned streams do not have.
pub(super) fn check_on_demand(stream: &Stream) -> Result<(), Error> {
    if stream.mode == StreamMode::OnDemand {
        return Ok(());
    }
    let (name, account) = (stream.name(), stream.arn.account());
    let message =
        format!("Request is invalid. Stream {name} under account {account} is in Provisioned mode.");
    Err(Error::new(ErrorKind::Validation, message))
}

/// Refuses what a stream with queues or channels cannot do: be deleted, or become provisioned.
pub(super) fn check_no_source(stream: &Stream) -> Result<(), Error> {
    let (name, account) = (stream.name(), stream.arn.account());
    for (what, count) in [("queues", stream.queues), ("channels", stream.channels.len())] {
        if count > 0 {
            let message =
                format!("Stream {name} under account {account} has {what}: {count}. Delete them first.");
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
    }
    Ok(())
}
