//! Calls to addresses that people gave us. Every address that a name stands for is checked, and only a checked one is
//! connected to; nothing is followed, and little is read.
use async_trait::async_trait;
use bytes::BytesMut;
use kernel::ports::{Call, Outbound, PortError, Reply};
use red::is_public;
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// Time for a whole call, and for its connection.
const LIMIT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(4);
/// The most of an answer that is read.
const ANSWER: usize = 2_048;
const INSIDE: &str = "la dirección es interna";

/// Where calls may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Over HTTPS to the public internet.
    Public,
    /// The same, and over HTTP to this one address: a receiver that a test can watch while the guard is up.
    PublicAnd(SocketAddr),
    /// Anywhere, also over HTTP: demonstrations, tests.
    Open,
}

impl Guard {
    /// Whether it lets this pass unseen.
    fn spares(self, url: &Url) -> bool {
        match self {
            Self::Public => false,
            Self::PublicAnd(one) => {
                let there = (url.scheme(), url.host_str(), url.port());
                there == ("http", Some(one.ip().to_string().as_str()), Some(one.port()))
            }
            Self::Open => true,
        }
    }
}

/// Calls that somebody who gave us a URL asked for.
pub struct HttpOutbound {
    client: Client,
    guard: Guard,
}

impl HttpOutbound {
    /// `internal`: to anywhere.
    pub fn new(internal: bool) -> Result<Self, crate::BadSetting> {
        Self::guarded(if internal { Guard::Open } else { Guard::Public })
    }

    pub fn guarded(guard: Guard) -> Result<Self, crate::BadSetting> {
        let client = Client::builder()
            .dns_resolver(Guarded { internal: guard == Guard::Open })
            .redirect(Policy::none())
            // A proxy of the environment would connect for us, unchecked.
            .no_proxy()
            .https_only(guard == Guard::Public)
            .timeout(LIMIT)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent("Huella")
            .build()
            .map_err(|error| crate::BadSetting(format!("cliente HTTP: {error}")))?;
        Ok(Self { client, guard })
    }

    fn parse(&self, url: &str) -> Result<Url, &'static str> {
        let url: Url = url.parse().map_err(|_| "no es una URL")?;
        let spared = self.guard.spares(&url);
        let scheme = url.scheme() == "https" || (spared && url.scheme() == "http");
        if !scheme {
            return Err("debe empezar con https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("no puede llevar usuario ni contraseña");
        }
        let host = url.host_str().unwrap_or_default();
        // A literal address is connected to without being resolved.
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let inside = literal.is_ok_and(|ip| !is_public(ip)) || host.trim_end_matches('.').eq_ignore_ascii_case("localhost");
        if host.is_empty() || (inside && !spared) {
            return Err(INSIDE);
        }
        Ok(url)
    }
}

#[async_trait]
impl Outbound for HttpOutbound {
    fn check(&self, url: &str) -> Result<(), &'static str> {
        self.parse(url).map(drop)
    }

    async fn post(&self, call: Call) -> Result<Reply, PortError> {
        let url = self.parse(&call.url).map_err(|why| PortError::Rejected(why.into()))?;
        let mut request = self.client.post(url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let mut body = BytesMut::new();
        // What cannot be read is not what counts: the status is there.
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece[..piece.len().min(ANSWER - body.len())]);
            if body.len() >= ANSWER {
                break;
            }
        }
        Ok(Reply { status, body: body.freeze() })
    }
}

/// Never the error's own text: it quotes the URL.
fn failed(error: &reqwest::Error) -> PortError {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<Inside>() {
            return PortError::Rejected(INSIDE.into());
        }
        source = inner.source();
    }
    if error.is_timeout() {
        PortError::Unavailable("no respondió a tiempo".into())
    } else if error.is_connect() {
        PortError::Unavailable("no se pudo conectar".into())
    } else {
        PortError::Unavailable("la conexión se cortó".into())
    }
}

/// Answers with the addresses of a name if all of them are allowed.
struct Guarded {
    internal: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("internal address")]
struct Inside;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let internal = self.internal;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if !internal && !found.iter().all(|addr| is_public(addr.ip())) {
                return Err(Inside.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("http://ejemplo.pe/")]
    #[case::file("file:///etc/passwd")]
    #[case::literal("https://127.0.0.1/")]
    #[case::decimal("https://2130706433/")]
    #[case::octal("https://0177.0.0.1/")]
    #[case::hexadecimal("https://0x7f.1/")]
    #[case::short("https://127.1/")]
    #[case::six("https://[::1]/")]
    #[case::mapped("https://[::ffff:10.0.0.1]/")]
    #[case::metadata("https://169.254.169.254/latest")]
    #[case::localhost("https://LOCALHOST./")]
    #[case::credentials("https://ana:clave@ejemplo.pe/")]
    #[case::nothing("https://")]
    fn what_leads_inside_is_refused_before_it_is_called(#[case] url: &str) {
        let outbound = HttpOutbound::new(false).expect("a client");
        assert!(outbound.check(url).is_err());
    }

    #[rstest]
    #[case("http://127.0.0.1:8123/aviso", true)]
    #[case("http://127.0.0.1:8124/aviso", false)]
    #[case("http://127.0.0.2:8123/aviso", false)]
    #[case("https://127.0.0.1:8123/aviso", false)]
    #[case("http://localhost:8123/aviso", false)]
    #[case("http://127.0.0.1/aviso", false)]
    #[case("https://ejemplo.pe/aviso", true)]
    fn an_exception_is_one_address_and_no_other(#[case] url: &str, #[case] passes: bool) {
        let one = "127.0.0.1:8123".parse().expect("an address");
        let outbound = HttpOutbound::guarded(Guard::PublicAnd(one)).expect("a client");
        assert_eq!(outbound.check(url).is_ok(), passes);
    }

    #[tokio::test]
    async fn a_name_that_stands_for_an_address_inside_is_not_connected_to() {
        // The host's own name table knows it, under a name that says nothing.
        let guarded = Guarded { internal: false };
        let error = guarded.resolve("localhost".parse().expect("a name")).await.err().expect("refused");
        assert!(error.is::<Inside>());
        let open = Guarded { internal: true };
        assert!(open.resolve("localhost".parse().expect("a name")).await.is_ok());
    }
}
