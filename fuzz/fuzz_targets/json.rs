#![no_main]
shardbrook_fuzz::fuzz!("json");
