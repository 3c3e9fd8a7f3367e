//! What is to be measured.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shardbrook_peers::client::Protocol;

/// Which servers to measure, and for how long.
#[derive(Debug, Deserialize)]
pub(crate) struct Plan {
    /// How often each server has its turn.
    pub(crate) rounds: usize,
    /// How long each work is measured in a round.
    pub(crate) seconds: f64,
    /// Where servers may write, and where what they say goes.
    pub(crate) folder: PathBuf,
    pub(crate) servers: Vec<Server>,
}

/// A server and how it is started.
#[derive(Debug, Deserialize)]
pub(crate) struct Server {
    pub(crate) name: String,
    /// The program and its arguments. `{port}` stands for a free port, to serve plain HTTP on; `{spare}` for another;
    /// `{folder}` for an empty folder.
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// Whether it has streams; a bare server has none.
    pub(crate) has_streams: bool,
    pub(crate) works: Vec<Work>,
}

/// Something that a server is asked to do, again and again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// A record of 100 bytes.
    PutRecord,
    /// 500 records of 100 bytes.
    PutRecords,
    /// 10,000 records of 100 bytes from one shard.
    GetRecords,
    PutRecordH2,
    PutRecordsH2,
    GetRecordsH2,
}

/// An operation that is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    PutRecord,
    PutRecords,
    GetRecords,
}

impl Work {
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::PutRecord | Self::PutRecordH2 => Operation::PutRecord,
            Self::PutRecords | Self::PutRecordsH2 => Operation::PutRecords,
            Self::GetRecords | Self::GetRecordsH2 => Operation::GetRecords,
        }
    }

    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::PutRecord | Self::PutRecords | Self::GetRecords => Protocol::Http1,
            Self::PutRecordH2 | Self::PutRecordsH2 | Self::GetRecordsH2 => Protocol::Http2,
        }
    }
}
