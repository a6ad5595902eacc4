//! How plugins run, and what they may reach.
use super::{positive, read::Reader};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// How plugins run.
#[derive(Debug, Clone)]
pub struct Plugins {
    /// `huella-compilar`; beside this program unless given.
    pub compilador: Option<PathBuf>,
    pub a_la_vez: u32,
    /// What all that are at work may come to take, by what each may at most.
    pub memoria_mib: u32,
    /// Whether they may reach this machine, and who stands in for the hosts that they name.
    pub internos: bool,
    pub sustitutos: StandIns,
}

/// `host=address:port`, separated by commas.
#[derive(Debug, Clone, Default)]
pub struct StandIns(pub BTreeMap<String, SocketAddr>);

pub(super) fn plugins(from: &mut Reader<'_>, publica: Option<&str>) -> Plugins {
    let settings = Plugins {
        compilador: from.find("complementos.compilador", "HUELLA_COMPILADOR"),
        a_la_vez: from.or("complementos.a_la_vez", "HUELLA_COMPLEMENTOS_A_LA_VEZ", 512),
        memoria_mib: from.or("complementos.memoria_mib", "HUELLA_COMPLEMENTOS_MEMORIA_MIB", 8_192),
        internos: from.or("complementos.internos", "HUELLA_COMPLEMENTOS_INTERNOS", false),
        sustitutos: from.or("complementos.sustitutos", "HUELLA_COMPLEMENTOS_SUSTITUTOS", StandIns::default()),
    };
    if !(1..=4_096).contains(&settings.a_la_vez) {
        from.error("complementos.a_la_vez: debe estar entre 1 y 4096".into());
    }
    positive(from, "complementos.memoria_mib", settings.memoria_mib > 0);
    if settings.internos && publica.is_some_and(|url| url.starts_with("https://")) {
        from.error("complementos.internos: no se permite en un servidor con una dirección pública https".into());
    }
    if !settings.internos && !settings.sustitutos.0.is_empty() {
        from.error("complementos.sustitutos: solo con complementos.internos".into());
    }
    settings
}
