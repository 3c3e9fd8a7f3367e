//! Tells the linker what a Node.js add-on may leave unresolved.

fn main() {
    napi_build::setup();
}
