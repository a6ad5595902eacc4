//! The interfaces that guests import. Each asks the manifest first, then the port behind it.
mod crypto;
mod denied;
mod http;
mod seen;
mod small;
mod state;
mod wasi;

pub(crate) use wasi::{Std, link as link_wasi};

use crate::{bindings::io, guest::Guest};
use wasmtime::component::{HasSelf, Linker};

/// For worlds that talk to another system.
pub(crate) fn link_io(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    use io::huella::plugin::{clock, config, crypto, events, http, random, state, types};
    types::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    http::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    state::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    config::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    crypto::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    clock::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    random::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    events::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    io::huella::plugin::log::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)
}

/// For rules, which touch nothing.
pub(crate) fn link_pure(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    use io::huella::plugin::{log, types};
    types::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)?;
    log::add_to_linker::<_, HasSelf<_>>(linker, |guest: &mut Guest| guest)
}

impl io::huella::plugin::types::Host for Guest {}
