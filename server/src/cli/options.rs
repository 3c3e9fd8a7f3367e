//! The options of `shardbrook serve`.

use core::time::Duration;
use std::path::PathBuf;

use crate::Origin;
use clap::ValueEnum;

use super::logs::LogFormat;
use super::units;

const ENGINE: &str = "The engine";
const SAFETY: &str = "Who may ask";
const COST: &str = "What connections may cost";
const DURABILITY: &str = "What outlives the process";
const LOGS: &str = "Logs";
const KINESALITE: &str = "As in kinesalite";

/// What `--help` ends with.
const EXAMPLES: &str = "\
Examples:
  shardbrook serve
      On http://127.0.0.1:4567, for programs on this machine. Any access key will do.

  shardbrook serve --initialize-streams orders:2,clicks::eu-west-1
      The stream `orders` has two shards; `clicks` has four, in another region.

  shardbrook serve --port 0
      On a port that is free; the first line of the output says which.

  shardbrook serve --data-dir data --fsync always
      What was acknowledged is there when the server starts again.

  shardbrook serve --limits aws --durations createStream=500,deleteStream=500
      Shards throttle as they do on AWS, and streams are CREATING for half a second.

  shardbrook serve --clock manual
  curl -d '{\"advanceMs\": 60000}' http://127.0.0.1:4567/_shardbrook/clock
      Time moves when you say so.

  shardbrook serve --host 0.0.0.0 --auth AKIDEXAMPLE:secret --max-memory 2GiB
      For other machines too, if they sign with this key.

SDKs find the server by their environment:
  export AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:4567
  export AWS_ENDPOINT_URL_FIREHOSE=http://127.0.0.1:4567

Environment variables of kinesis-mock are understood where the option is not given: INITIALIZE_STREAMS,
KINESIS_MOCK_TLS_PORT, KINESIS_MOCK_PLAIN_PORT, *_DURATION, SHARD_LIMIT, ON_DEMAND_STREAM_COUNT_LIMIT, AWS_ACCOUNT_ID,
AWS_REGION, LOG_LEVEL, SHOULD_PERSIST_DATA, PERSIST_PATH, PERSIST_INTERVAL. What can't be honoured is refused or warned
about.";

/// Serves Kinesis Data Streams and Data Firehose.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Serve {
    /// The address to listen on, or a name: of several addresses, the first that can be had. Other machines reach the
    /// server only if this is theirs to reach, such as 0.0.0.0.
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub(super) host: String,
    /// The port; 0 stands for one that is free. Each speaks HTTP/1.1, HTTP/2 and both over TLS. Default: 4567.
    #[arg(long, short, value_name = "PORT")]
    pub(super) port: Vec<u16>,
    /// A certificate for TLS, as a PEM file with those that vouch for it. Default: one that is made at the start, and kept
    /// in the data directory if there is one.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) cert: Option<PathBuf>,
    /// The private key of the certificate, as a PEM file.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,

    /// Streams that exist from the start: name, name:shards or name:shards:region, separated by commas.
    #[arg(long, value_name = "STREAMS", help_heading = ENGINE)]
    pub(super) initialize_streams: Option<String>,
    /// Throughput quotas: `off`, `aws`, or a JSON object with single ones, such as
    /// {"preset": "aws", "shardReadBytesPerSecond": "off"}. Default: off.
    #[arg(long, value_name = "off|aws|JSON", help_heading = ENGINE)]
    pub(super) limits: Option<String>,
    /// How long transitional states last, in milliseconds: createStream=500,deleteStream=500, or a JSON object. Also
    /// updateStream, createConsumer, deleteConsumer, createQueue, updateQueue, deleteQueue, createChannel, updateChannel,
    /// deleteChannel, createDeliveryStream, deleteDeliveryStream. Default: 0 each.
    #[arg(long, value_name = "NAME=MS,...|JSON", help_heading = ENGINE)]
    pub(super) durations: Option<String>,
    /// Where all randomness comes from: the same seed and requests give the same answers. Default: 0.
    #[arg(long, value_name = "NUMBER", help_heading = ENGINE)]
    pub(super) seed: Option<u64>,
    /// The region of requests that name none. Default: us-east-1.
    #[arg(long, value_name = "REGION", help_heading = ENGINE)]
    pub(super) region: Option<String>,
    /// The account of callers whose access key is not itself an account of twelve digits. Default: 000000000000.
    #[arg(long, value_name = "ACCOUNT", help_heading = ENGINE)]
    pub(super) account: Option<String>,
    /// Whether time is that of the machine, or moves when POST /_shardbrook/clock says so. Default: system.
    #[arg(long, value_name = "CLOCK", help_heading = ENGINE)]
    pub(super) clock: Option<Clock>,
    /// Where a manual clock starts, in milliseconds since 1970. Default: the time of the machine.
    #[arg(long, value_name = "MS", help_heading = ENGINE)]
    pub(super) now: Option<u64>,
    /// Open shards that an account may have in a region. Default: 20,000.
    #[arg(long, alias = "shardLimit", value_name = "NUMBER", help_heading = ENGINE)]
    pub(super) shard_limit: Option<u32>,
    /// On-demand streams that an account may have in a region. Default: 50.
    #[arg(long, value_name = "NUMBER", help_heading = ENGINE)]
    pub(super) on_demand_stream_limit: Option<u32>,
    /// The most bytes of delivered objects that are kept. Default: 4GiB.
    #[arg(long, value_name = "BYTES", value_parser = units::bytes, help_heading = ENGINE)]
    pub(super) object_capacity: Option<u64>,

    /// An access key that requests must be signed with. Without any, signatures are not looked at. The environment
    /// variable SHARDBROOK_AUTH takes several, separated by commas, and keeps them out of the list of processes.
    #[arg(long, value_name = "KEY_ID:SECRET", env = "SHARDBROOK_AUTH", hide_env_values = true, value_delimiter = ',', help_heading = SAFETY)]
    pub(super) auth: Vec<String>,
    /// A web page's origin that may ask, such as `https://app.example.com`, or `*` for all. Default: those of this machine,
    /// on any port.
    #[arg(long, value_name = "ORIGIN", value_parser = origin, help_heading = SAFETY)]
    pub(super) cors: Vec<Allowed>,

    /// What records, buffers and objects may take. Beyond it puts are refused with ServiceUnavailableException, and
    /// reading goes on. Default: no bound.
    #[arg(long, value_name = "BYTES", value_parser = units::bytes, help_heading = COST)]
    pub(super) max_memory: Option<u64>,
    /// Connections at a time; more wait until one is closed. Default: 1024, or as many as the limit of open files allows.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..), help_heading = COST)]
    pub(super) max_connections: Option<u32>,
    /// The largest body of a request. Default: 16MiB.
    #[arg(long, value_name = "BYTES", value_parser = units::bytes, help_heading = COST)]
    pub(super) max_body: Option<u64>,
    /// Requests and answers that are on their way, of all connections together. Default: 512MiB.
    #[arg(long, value_name = "BYTES", value_parser = units::bytes, help_heading = COST)]
    pub(super) max_in_flight: Option<u64>,
    /// A connection without a request is closed after this time. Default: 75s.
    #[arg(long, value_name = "DURATION", value_parser = units::duration, help_heading = COST)]
    pub(super) idle_timeout: Option<Duration>,
    /// What is under way when the server stops is cut off after this time. Default: 10s.
    #[arg(long, value_name = "DURATION", value_parser = units::duration, help_heading = COST)]
    pub(super) shutdown_timeout: Option<Duration>,

    /// Keep everything in this directory. Default: it is lost with the process.
    #[arg(long, alias = "path", value_name = "DIRECTORY", help_heading = DURABILITY)]
    pub(super) data_dir: Option<PathBuf>,
    /// When what was written is on the disk: before it is acknowledged, or a moment later. With a data directory. Default:
    /// always.
    #[arg(long, value_name = "WHEN", help_heading = DURABILITY)]
    pub(super) fsync: Option<Fsync>,
    /// How long that moment is. Default: 1s.
    #[arg(long, value_name = "DURATION", value_parser = units::duration, help_heading = DURABILITY)]
    pub(super) fsync_interval: Option<Duration>,

    /// What is logged: error, warn, info, debug (a line for each request), trace, off. Default: info.
    #[arg(long, value_name = "LEVEL", help_heading = LOGS)]
    pub(super) log_level: Option<String>,
    /// How log lines look. They go to standard error.
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = LOGS)]
    pub(super) log_format: LogFormat,

    /// Changes nothing: every port speaks TLS, to those who begin with it.
    #[arg(long, help_heading = KINESALITE)]
    pub(super) ssl: bool,
    /// The same as --durations createStream=MS.
    #[arg(long = "createStreamMs", value_name = "MS", help_heading = KINESALITE)]
    pub(super) create_stream_ms: Option<u64>,
    /// The same as --durations deleteStream=MS.
    #[arg(long = "deleteStreamMs", value_name = "MS", help_heading = KINESALITE)]
    pub(super) delete_stream_ms: Option<u64>,
    /// The same as --durations updateStream=MS.
    #[arg(long = "updateStreamMs", value_name = "MS", help_heading = KINESALITE)]
    pub(super) update_stream_ms: Option<u64>,
}

/// Whose time the engine is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Clock {
    System,
    Manual,
}

/// When what was written is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Fsync {
    /// Before it is acknowledged.
    Always,
    /// A moment later.
    Interval,
}

/// Pages that may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    All,
    Of(Origin),
}

fn origin(text: &str) -> Result<Allowed, String> {
    match text {
        "*" => Ok(Allowed::All),
        _ => text.parse().map(Allowed::Of).map_err(|error: crate::OriginError| error.to_string()),
    }
}
