//! How many files the process may have open, connections included.

/// Files that are open beside connections: ports, the store and its snapshots, what the runtime needs.
#[cfg(unix)]
const OTHERS: u64 = 64;

/// Makes room for so many connections; gives for how many there is room.
#[cfg(unix)]
pub(super) fn make_room(connections: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = (connections as u64).saturating_add(OTHERS);
    let allowed = wanted.min(maximum.unwrap_or(u64::MAX));
    let Some(current) = current.filter(|current| *current < allowed) else {
        return room(current, connections);
    };
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    room(Some(if raised.is_ok() { allowed } else { current }), connections)
}

/// How many of these connections there is room for; one at least, or there were no server.
#[cfg(unix)]
fn room(limit: Option<u64>, connections: usize) -> usize {
    let room = limit.map_or(u64::MAX, |limit| limit.saturating_sub(OTHERS));
    usize::try_from(room).map_or(connections, |room| connections.min(room)).max(1)
}

/// Elsewhere connections are no files.
#[cfg(not(unix))]
pub(super) fn make_room(connections: usize) -> usize {
    connections
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_it_may() {
        let before = getrlimit(Resource::Nofile);
        let low = Rlimit { current: Some(80), maximum: before.maximum };
        setrlimit(Resource::Nofile, low).unwrap();
        assert_eq!(make_room(10), 10);
        assert_eq!(getrlimit(Resource::Nofile), low, "there was room");
        let most = before.maximum.map_or(1000, |most| most.min(1000));
        let connections = usize::try_from(most - OTHERS).unwrap();
        assert_eq!(make_room(connections), connections);
        assert_eq!(getrlimit(Resource::Nofile).current, Some(most));
        if let Some(maximum) = before.maximum {
            assert_eq!(make_room(usize::MAX) as u64, maximum - OTHERS);
        }
        setrlimit(Resource::Nofile, before).unwrap();
        assert_eq!((room(Some(3), 5), room(Some(70), 5), room(Some(68), 5), room(None, 5)), (1, 5, 4, 5));
    }
}
