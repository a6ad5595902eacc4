use crate::{
    bindings::io::huella::plugin::{
        http::{CredentialRef, Error, Host, Request, Response},
        types::Kv,
    },
    conformance::Answer,
    corrida::Llamada,
    guest::Guest,
    host::{denied::Wanted, seen::Ending},
    net::{Inside, Unresolved},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use plugin_manifest::{Digest, Environment, SecretUse};
use reqwest::{
    Client, Method, RequestBuilder, Url,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Set by the host, or meant for the next hop only.
const OURS: [&str; 11] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
    "proxy-connection",
];

const CUT: &str = "la conexión se cortó";

impl Host for Guest {
    async fn send(&mut self, request: Request) -> wasmtime::Result<Result<Response, Error>> {
        let seen = self.see("http.send");
        if self.calls.len() >= self.limits.http_calls as usize {
            return seen.with(Err(Error::BudgetExhausted));
        }
        let (mut entry, began) = (journal(&request), Instant::now());
        let url = Url::parse(&request.url).ok();
        let answer = self.exchange(request).await;
        entry.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &answer {
            Ok(response) => {
                (entry.estado, entry.recibido) = (Some(response.status), response.body.len());
                entry.motivo = url.and_then(|url| self.sent_on(&url, response));
            }
            Err(error) => {
                entry.error = Some(error.ending().into());
                entry.motivo = if let Error::Denied(why) = error { Some(why.clone()) } else { None };
            }
        }
        self.calls.push(entry);
        seen.with(answer)
    }
}

fn journal(request: &Request) -> Llamada {
    let url = Url::parse(&request.url).ok();
    let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let all = [request.method.as_bytes(), b" ", request.url.as_bytes(), b" ", &request.body].concat();
    Llamada {
        metodo: request.method.clone(),
        host: part(url.as_ref().and_then(Url::host_str)),
        ruta: part(url.as_ref().map(Url::path)),
        huella: Digest::of(&all).to_string(),
        enviado: request.body.len(),
        recibido: 0,
        ms: 0,
        estado: None,
        error: None,
        motivo: None,
    }
}

impl Ending for Error {
    fn ending(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TooLarge => "too-large",
            Self::BudgetExhausted => "budget-exhausted",
            Self::Indeterminate(_) => "indeterminate",
        }
    }
}

fn denied(why: impl Into<String>) -> Error {
    Error::Denied(why.into())
}

impl Guest {
    async fn exchange(&mut self, request: Request) -> Result<Response, Error> {
        let (method, url) = self.allowed(&request)?;
        let most = request.timeout_ms.map_or(Duration::MAX, |ms| Duration::from_millis(ms.into())).min(self.remaining());
        timeout(most, async {
            let client = self.client(request.auth.as_ref()).await?;
            let builder = headers(client.request(method, url), &request.headers)?;
            let builder = self.credential(builder, request.auth).await?;
            let request = builder.body(request.body).build().map_err(|error| failed(&error))?;
            if let Some(provider) = &self.net.provider {
                return self.scripted(provider.answer(&request)).await;
            }
            let response = client.execute(request).await.map_err(|error| failed(&error))?;
            self.read(response).await
        })
        .await
        .map_err(|_| Error::Timeout)?
    }

    fn allowed(&self, request: &Request) -> Result<(Method, Url), Error> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| denied("el método no es válido"))?;
        let url = Url::parse(&request.url).map_err(|_| denied("no es una URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(denied("la URL no puede llevar usuario ni contraseña"));
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(denied("la URL no tiene host")) };
        let environment = if self.scope.sandbox { Environment::Sandbox } else { Environment::Production };
        let (rules, wanted) = (&self.package.manifest.http, Wanted { environment, method: method.as_str(), host, port, path: url.path() });
        if !wanted.is_granted(rules) {
            let from = self.redirects.iter().rev().find(|(to, _)| to == host).map(|(_, from)| from.as_str());
            return Err(denied(wanted.refusal(rules, from)));
        }
        if request.headers.len() > self.limits.http_headers || request.body.len() > self.limits.http_request.bytes() {
            return Err(Error::TooLarge);
        }
        let url = self.net.route(url).map_err(denied)?;
        Ok((method, url))
    }

    /// Nobody follows a redirection but the guest, by another call; where it leads is said beside this one.
    fn sent_on(&mut self, url: &Url, response: &Response) -> Option<String> {
        let location = response.headers.iter().find(|header| (300..400).contains(&response.status) && header.key == "location")?;
        let (from, to) = (url.host_str()?, url.join(&location.value).ok()?);
        let to = to.host_str().filter(|to| *to != from)?;
        self.redirects.push((to.to_owned(), from.to_owned()));
        Some(format!("redirige a {to}, y no se sigue"))
    }

    async fn client(&mut self, auth: Option<&CredentialRef>) -> Result<Client, Error> {
        let pem = match auth {
            Some(CredentialRef::MutualTls(name)) => Some((name.as_str(), self.host_secret(name).await?)),
            _ => None,
        };
        let pem = pem.as_ref().map(|(name, text)| (*name, text.as_bytes()));
        self.net.client(self.scope.tenant, self.scope.digest, pem).map_err(|_| denied("el certificado no sirve"))
    }

    async fn credential(&mut self, builder: RequestBuilder, auth: Option<CredentialRef>) -> Result<RequestBuilder, Error> {
        let (header, value) = match auth {
            None | Some(CredentialRef::MutualTls(_)) => return Ok(builder),
            Some(CredentialRef::Bearer(name)) => (AUTHORIZATION, format!("Bearer {}", self.host_secret(&name).await?)),
            Some(CredentialRef::Basic((user, name))) => {
                let pair = B64.encode(format!("{user}:{}", self.host_secret(&name).await?));
                self.redactor.add(&pair);
                (AUTHORIZATION, format!("Basic {pair}"))
            }
            Some(CredentialRef::Header((header, name))) => (ours(&header)?, self.host_secret(&name).await?),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| denied("el secreto no cabe en un encabezado"))?;
        value.set_sensitive(true);
        Ok(builder.header(header, value))
    }

    async fn host_secret(&mut self, name: &str) -> Result<String, Error> {
        if !self.package.secrets().get(name).is_some_and(|used| *used == SecretUse::Host || *used == SecretUse::Guest) {
            return Err(denied(format!("el esquema de configuración no declara el secreto «{name}»")));
        }
        let secret = self.ports.secrets.secret(&self.scope, name).await.map_err(|error| denied(error.to_string()))?;
        let secret = secret.ok_or_else(|| denied(format!("falta configurar el secreto «{name}»")))?;
        self.redactor.add(secret.expose());
        Ok(secret.expose().to_owned())
    }

    /// As if it had come over the network.
    async fn scripted(&self, answer: Answer) -> Result<Response, Error> {
        match answer {
            Answer::Says { body, .. } if body.len() > self.limits.http_response.bytes() => Err(Error::TooLarge),
            Answer::Says { status, body } => Ok(Response { status, headers: Vec::new(), body }),
            Answer::Silent => std::future::pending().await,
            Answer::Cut => Err(Error::Indeterminate(CUT.into())),
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Response, Error> {
        let most = self.limits.http_response.bytes();
        if response.headers().len() > self.limits.http_headers || response.content_length().is_some_and(|n| n > most as u64) {
            return Err(Error::TooLarge);
        }
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| Kv { key: name.to_string(), value: String::from_utf8_lossy(value.as_bytes()).into_owned() })
            .collect();
        while let Some(piece) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + piece.len() > most {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response { status, headers, body })
    }
}

fn ours(name: &str) -> Result<HeaderName, Error> {
    let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| denied(format!("«{name}» no es un encabezado")))?;
    if OURS.contains(&known.as_str()) { Err(denied(format!("el encabezado «{known}» lo pone Huella"))) } else { Ok(known) }
}

fn headers(mut builder: RequestBuilder, headers: &[Kv]) -> Result<RequestBuilder, Error> {
    for Kv { key, value } in headers {
        let value = HeaderValue::from_str(value).map_err(|_| denied(format!("el valor de «{key}» no cabe en un encabezado")))?;
        builder = builder.header(ours(key)?, value);
    }
    Ok(builder)
}

/// Never the error's own text: it quotes the URL.
fn failed(error: &reqwest::Error) -> Error {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(inside) = inner.downcast_ref::<Inside>() {
            return denied(inside.to_string());
        }
        if inner.is::<Unresolved>() {
            return Error::Dns;
        }
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return Error::TooLarge;
        }
        if inner.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) && error.is_connect() {
            return Error::Tls;
        }
        source = inner.source();
    }
    if error.is_timeout() && !error.is_connect() {
        Error::Timeout
    } else if error.is_connect() {
        Error::Connect
    } else {
        Error::Indeterminate(CUT.into())
    }
}
