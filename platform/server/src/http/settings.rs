//! What can be set about the HTTP face.
use crate::limites::Ritmo;
use std::{net::IpAddr, path::PathBuf, time::Duration};

#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address that clients see, for the `servers` of the document.
    pub publica: Option<String>,
    /// Where the built portal lies, if not in the program itself.
    pub portal: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Largest body, largest photo and largest file to import, in bytes.
    pub cuerpo_max: usize,
    pub foto_max: usize,
    pub archivo_max: usize,
    /// Longest time for a whole request, reading its body included.
    pub plazo: Duration,
    /// The same for a file to import, over the line of a clinic.
    pub plazo_archivo: Duration,
    /// Screens that listen to events at once.
    pub oyentes_max: usize,
    /// Requests a minute.
    pub limites: Ritmo,
    /// Token for `/metrics` on the public address; without it only the machine itself may ask.
    pub token_metricas: Option<crate::config::Secret>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            publica: None,
            portal: None,
            proxies: Vec::new(),
            cuerpo_max: 1 << 20,
            foto_max: 6 << 20,
            archivo_max: 32 << 20,
            plazo: Duration::from_secs(10),
            plazo_archivo: Duration::from_secs(120),
            oyentes_max: 2_000,
            limites: Ritmo::default(),
            token_metricas: None,
        }
    }
}
