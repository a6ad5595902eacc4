//! A migration that is added or changed makes the binary anew: it carries them.
fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
