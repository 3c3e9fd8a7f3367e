#![no_main]
shardbrook_fuzz::fuzz!("snapshot");
