//! The way out. A name is resolved once, every address it stands for is looked at, and only such a one is connected to.
use crate::conformance::Provider;
use async_trait::async_trait;
use moka::sync::Cache;
use plugin_manifest::Digest;
use red::is_public;
use reqwest::{
    Certificate, Client, Identity, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// What a journal says of a call that did not leave.
pub(crate) const NOT_SENT: [&str; 5] = ["denied", "dns", "connect", "tls", "budget-exhausted"];

/// What a deployment lets out.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    /// This machine too, without TLS: demonstrations and tests. Never in production.
    pub loopback: bool,
    /// With `loopback`: who answers here in the place of a host.
    pub stand_ins: BTreeMap<String, SocketAddr>,
    /// With `loopback`: certificates in PEM of authorities that are believed beside those of the internet.
    pub authorities: Vec<Vec<u8>>,
}

/// What names stand for.
#[async_trait]
pub trait Names: Send + Sync {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// As this machine resolves them.
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|addr| addr.ip()).collect())
    }
}

/// Connections are never shared between chains, plugins or client certificates.
type Owner = (Uuid, Digest, Option<String>);

pub(crate) struct Net {
    egress: Egress,
    names: Arc<dyn Names>,
    /// Instead of the network.
    pub provider: Option<Arc<dyn Provider>>,
    clients: Cache<Owner, Client>,
    /// Names that led to the internet not long ago.
    outside: Cache<String, ()>,
}

impl Net {
    pub fn new(egress: Egress, names: Arc<dyn Names>, provider: Option<Arc<dyn Provider>>) -> Self {
        let clients = Cache::builder().max_capacity(1_000).time_to_idle(Duration::from_secs(300)).build();
        let outside = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3_600)).build();
        Self { egress, names, provider, clients, outside }
    }

    /// `pem`: name and text of a client certificate.
    pub fn client(&self, tenant: Uuid, digest: Digest, pem: Option<(&str, &[u8])>) -> reqwest::Result<Client> {
        let owner = (tenant, digest, pem.map(|(name, text)| format!("{name} {}", Digest::of(text))));
        if let Some(known) = self.clients.get(&owner) {
            return Ok(known);
        }
        let mut client = Client::builder()
            .dns_resolver(Guarded { loopback: self.egress.loopback, names: self.names.clone(), outside: self.outside.clone() })
            .redirect(Policy::none())
            .no_proxy()
            .https_only(!self.egress.loopback)
            .connect_timeout(Duration::from_secs(4))
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent("Huella");
        if self.egress.loopback {
            let own: reqwest::Result<Vec<Certificate>> = self.egress.authorities.iter().map(|pem| Certificate::from_pem(pem)).collect();
            client = client.tls_certs_merge(own?);
        }
        if let Some((_, text)) = pem {
            client = client.identity(Identity::from_pem(text)?);
        }
        let client = client.build()?;
        self.clients.insert(owner, client.clone());
        Ok(client)
    }

    /// Where a call that the manifest allows really goes, or why it does not.
    pub fn route(&self, mut url: Url) -> Result<Url, &'static str> {
        let host = url.host_str().unwrap_or_default().to_owned();
        if self.egress.loopback
            && let Some(stand_in) = self.egress.stand_ins.get(&host)
        {
            let moved = url.set_scheme("http").and(url.set_ip_host(stand_in.ip())).and(url.set_port(Some(stand_in.port())));
            return moved.map(|()| url).map_err(|()| "no se puede llamar");
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let here = literal.map_or(host == "localhost", |ip| ip.is_loopback());
        let open = here && self.egress.loopback;
        if literal.is_some_and(|ip| !is_public(ip)) && !open {
            return Err("la dirección es interna");
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if open => Ok(url),
            _ => Err("debe empezar con https://"),
        }
    }
}

struct Guarded {
    loopback: bool,
    names: Arc<dyn Names>,
    outside: Cache<String, ()>,
}

/// One address within is enough: which of them is connected to is not ours to choose.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Inside {
    #[error("{0} lleva a una dirección interna")]
    Name(String),
    /// What names do that are meant to get past whoever looks once.
    #[error("{0} llevaba a internet y ahora lleva a una dirección interna")]
    Turned(String),
}

#[derive(Debug, thiserror::Error)]
#[error("no such name")]
pub(crate) struct Unresolved;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (loopback, names, outside) = (self.loopback, self.names.clone(), self.outside.clone());
        Box::pin(async move {
            let found = names.resolve(name.as_str()).await.map_err(|_| Unresolved)?;
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            if !found.iter().all(|ip| is_public(*ip) || (loopback && ip.is_loopback())) {
                let (host, turned) = (name.as_str().to_owned(), outside.contains_key(name.as_str()));
                let inside = if turned { Inside::Turned(host) } else { Inside::Name(host) };
                return Err(inside.into());
            }
            outside.insert(name.as_str().to_owned(), ());
            Ok(Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
