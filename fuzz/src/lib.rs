//! What the programs of the targets have in common.

use std::path::Path;

pub use libfuzzer_sys;
pub use shardbrook_tests::fuzz::{Target, find};

/// The program of a target. Where `SHARDBROOK_FUZZ_SEEDS` names a folder, the seeds are written there first.
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        static TARGET: std::sync::LazyLock<&$crate::Target> =
            std::sync::LazyLock::new(|| $crate::find($name).expect("the target is there"));

        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::write_seeds(&TARGET),
            |input: &[u8]| (TARGET.run)(input)
        );
    };
}

/// Writes the seeds of a target to the folder that the environment names.
pub fn write_seeds(target: &Target) {
    let Some(folder) = std::env::var_os("SHARDBROOK_FUZZ_SEEDS") else { return };
    for (number, seed) in (target.seeds)().iter().enumerate() {
        let file = Path::new(&folder).join(format!("seed-{number}"));
        std::fs::write(&file, seed).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
