//! How a cluster is run: how durable, how large, and what else postgresql.conf says.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// What production does: nothing that was confirmed is lost.
    Full,
    /// For data that nobody will miss: tests.
    Off,
}

#[derive(Debug, Clone)]
pub struct Options {
    pub durability: Durability,
    pub max_connections: u32,
    /// More settings of postgresql.conf; they win over ours.
    pub settings: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Full, max_connections: 200, settings: Vec::new() }
    }
}

impl Options {
    pub fn throwaway() -> Self {
        Self { durability: Durability::Off, max_connections: 300, settings: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let ours = [
            ("shared_buffers", "256MB"),
            ("max_wal_size", "2GB"),
            ("jit", "off"),
            ("random_page_cost", "1.1"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("lc_messages", "C"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_permissions", "0700"),
            ("shared_preload_libraries", ""),
        ];
        let durability: &[(&str, &str)] = match self.durability {
            Durability::Full => &[("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")],
            Durability::Off => &[("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("autovacuum", "off")],
        };
        let mut all: Vec<(String, String)> =
            ours.iter().chain(durability).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.push(("max_connections".to_owned(), self.max_connections.to_string()));
        all.extend(self.settings.iter().cloned());
        all
    }
}
