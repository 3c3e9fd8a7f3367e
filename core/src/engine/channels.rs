//! What happens at the deadlines of channels.

use super::Engine;
use super::delivery::Home;
use crate::channel::Turn;
use crate::stream::Progress;
use crate::time::Timestamp;

impl Engine {
    /// Runs what is due in a channel.
    pub(super) fn handle_channel_timeout(&mut self, id: u64, now: Timestamp) {
        let Some(channel) = self.streams.channels.get_mut(id) else { return };
        let turn = channel.handle_timeout(now);
        let is_deleted = !channel.is_reading();
        let source = channel.config().source.stream;
        self.settle(Home::Channel(id));
        if is_deleted {
            self.forget_effects();
        }
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
                self.streams.remove_channel(id);
            }
        }
    }
}
