//! CRC-32, which gzip and event streams share.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// How many tables speed up the checksum: each is a kilobyte that does not compress, which counts in a browser.
const TABLES: usize = if cfg!(target_family = "wasm") { 1 } else { 16 };

pub(crate) static CHECKSUM: Crc<u32, Table<TABLES>> = Crc::<u32, Table<TABLES>>::new(&CRC_32_ISO_HDLC);
