//! The program `shardbrook`.

use std::process::ExitCode;

#[cfg(all(feature = "jemalloc", unix))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    shardbrook_server::cli::run(std::env::args_os())
}
