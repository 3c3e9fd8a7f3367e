//! Channels: their typed calls, and what happens at their deadlines.

use super::Engine;
use super::delivery::Home;
use crate::channel::Turn;
use crate::error::Error;
use crate::service::{
    CreateChannel, CreateChannelReply, DeleteChannel, DescribeChannel, DescribeChannelReply, ListChannels,
    ListChannelsReply, UpdateChannel, UpdateChannelReply,
};
use crate::stream::Progress;
use crate::time::Timestamp;

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $method:ident($input:ident) -> $reply:ty;)+) => {
        impl Engine {
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Those that the service's API reference lists for the operation.
                pub fn $method(&mut self, now: Timestamp, input: &$input<'_>) -> Result<$reply, Error> {
                    self.advance(now);
                    let (account, region) = (self.settings.wire.default_account, &*self.settings.wire.default_region);
                    let mut cx = self.settings.context(self.now, account, region, &mut self.timers);
                    let reply = self.channels.$method(&mut cx, &mut self.streams, input)?;
                    self.run_timers();
                    Ok(reply)
                }
            )+
        }
    };
}

operations! {
    /// Makes a channel, which is CREATING and then ACTIVE, from an on-demand stream to a general purpose bucket.
    create_channel(CreateChannel) -> CreateChannelReply;
    /// Deletes a channel. What it has not delivered is not delivered.
    delete_channel(DeleteChannel) -> ();
    /// Describes a channel.
    describe_channel(DescribeChannel) -> DescribeChannelReply;
    /// Lists the channels in order of their names.
    list_channels(ListChannels) -> ListChannelsReply;
    /// Changes the data freshness or the logging of a channel.
    update_channel(UpdateChannel) -> UpdateChannelReply;
}

impl Engine {
    /// Runs what is due in a channel.
    pub(super) fn handle_channel_timeout(&mut self, id: u64, now: Timestamp) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let turn = channel.handle_timeout(now);
        let source = channel.config().source.stream;
        self.settle(Home::Channel(id));
        match turn {
            Turn::None => {}
            Turn::Start => {
                // What was put before is not delivered.
                if let Some(progress) = self.streams.get(source).map(Progress::at_tips) {
                    self.add_reader(Home::Channel(id), id, source, progress);
                }
            }
            Turn::End => {
                self.forget_reader_of(Home::Channel(id), id);
                self.channels.remove(id);
                if let Some(stream) = self.streams.get_mut(source) {
                    stream.channels.retain(|channel| *channel != id);
                }
            }
        }
    }
}
