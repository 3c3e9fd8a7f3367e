//! The project's task runner: `cargo xtask demo | test | bench | peers | soak | codegen`.
fn main() {}
