//! How this deployment runs plugins.
use crate::config::Plugins;
use kernel::keyfile;
use plugin_host::{Egress, Names, Places, SystemNames};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

#[derive(Clone)]
pub struct Ajustes {
    /// Authenticates compiled code: the same on all instances.
    pub sello: Zeroizing<[u8; 32]>,
    /// `huella-compilar`, where it is installed.
    pub compilador: Option<PathBuf>,
    /// Calls that may be alive at once.
    pub a_la_vez: u32,
    /// Bytes that those may come to take together; a chain's an eighth of it.
    pub memoria: u64,
    pub salida: Egress,
    /// What the names that plugins call stand for.
    pub nombres: Arc<dyn Names>,
}

impl Ajustes {
    /// With a seal that nobody else knows: code compiled elsewhere is compiled again.
    pub fn ephemeral() -> Self {
        Self {
            sello: Zeroizing::new(kernel::crypto::random32()),
            compilador: beside(),
            a_la_vez: 16,
            memoria: Places::default().memory,
            salida: Egress::default(),
            nombres: Arc::new(SystemNames),
        }
    }

    /// As configured, with the seal of the keys' folder, made on first start.
    pub fn of(plugins: &Plugins, keys: &Path) -> io::Result<Self> {
        let path = keys.join("complementos.sello");
        if !path.exists() {
            keyfile::create(&path, &kernel::crypto::random32())?;
        }
        let bytes = Zeroizing::new(std::fs::read(&path)?);
        let sello = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| io::Error::other(format!("{}: no es un sello", path.display())))?;
        Ok(Self {
            sello: Zeroizing::new(sello),
            compilador: plugins.compilador.clone().or_else(beside),
            a_la_vez: plugins.a_la_vez,
            memoria: u64::from(plugins.memoria_mib) << 20,
            salida: Egress { loopback: plugins.internos, stand_ins: plugins.sustitutos.0.clone(), ..Egress::default() },
            nombres: Arc::new(SystemNames),
        })
    }
}

/// The compiler beside this program.
fn beside() -> Option<PathBuf> {
    let folders = std::env::current_exe().ok()?;
    // Tests run from a folder below.
    let mut folders = folders.ancestors().skip(1).take(2).map(|folder| folder.join("huella-compilar"));
    folders.find(|path| path.is_file())
}
