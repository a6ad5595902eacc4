//! A provider that knows its customers by their certificates: the key stays with the host, and is one chain's alone.
use crate::{
    codigo::{calls, calls_with},
    mundo::{CUSCO, LIMA, Mundo, options, packaged},
};
use plugin_host::{Corrida, Egress, Options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
        server::WebPkiClientVerifier,
    },
};
use uuid::Uuid;

/// The way in which a secret is used that is a client's certificate, among those of the contract.
const MUTUAL_TLS: u32 = 3;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

/// A certificate for a name, and its key.
fn issued(by: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec![name.to_owned()]).expect("parameters").signed_by(&key, by).expect("issued");
    (certificate, key)
}

fn pem((certificate, key): &(rcgen::Certificate, KeyPair)) -> String {
    format!("{}{}", certificate.pem(), key.serialize_pem())
}

/// Says `si` to whom the authority knows, and lets nobody else in.
async fn provider(authority: &Authority) -> SocketAddr {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("a root");
    let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().expect("a verifier");
    let (certificate, key) = issued(authority, "localhost");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(known)
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate");
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.expect("a port"));
    let addr = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { answered(acceptor, stream).await });
        }
    });
    addr
}

async fn answered(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = [0; 4_096];
    let _ = stream.read(&mut head).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nsi").await?;
    stream.flush().await
}

fn is_refused(run: &Corrida) -> bool {
    run.llamadas.len() == 1 && run.llamadas[0].estado.is_none() && run.llamadas[0].error.is_some()
}

#[tokio::test]
async fn a_certificate_of_a_chain_is_shown_for_that_chain_by_a_call_that_asks_for_it() {
    let known = authority();
    let addr = provider(&known).await;
    let egress = Egress { loopback: true, authorities: vec![known.pem().into_bytes()], ..Egress::default() };
    let world = Mundo::with(Options { egress, ..options() });
    let (port, url) = (addr.port(), format!("https://localhost:{}/", addr.port()));
    let own = pem(&issued(&known, "lima.example.pe"));
    world.memory.put_secret(LIMA, "certificado", &own);
    let schema = json!({ "type": "object", "properties": { "certificado": { "type": "string", "x-secret": "host" } } });
    let call = async |tenant: Uuid, module: &str, version: &str| -> Corrida {
        let more: Value = json!({ "version": version, "http": [{ "host": "localhost", "port": port, "reason": { "es": "Probar" } }] });
        let plugin = world.load(&packaged("notification", module, more, Some(schema.clone()))).await;
        world.install(&plugin, tenant, json!({})).notifications().expect("a channel").check().await.corrida
    };
    let (with, without) = (calls_with(&url, 1, 0, Some((MUTUAL_TLS, "certificado"))), calls(&url, 1, 0, None));
    let good = call(LIMA, &with, "1.0.0").await;
    assert_eq!((good.detalle.as_deref(), good.llamadas[0].estado), (Some("si"), Some(200)), "{good:?}");
    assert!(!serde_json::to_string(&good).expect("a record").contains("BEGIN"));

    // The connection that it opened is nobody else's, and a chain without a certificate has none.
    let bare = call(LIMA, &without, "1.0.1").await;
    assert!(is_refused(&bare), "{bare:?}");
    let none = call(CUSCO, &with, "1.0.0").await;
    assert_eq!(none.llamadas[0].error.as_deref(), Some("denied"));
    assert_eq!(none.llamadas[0].motivo.as_deref(), Some("falta configurar el secreto «certificado»"));
    // One of somebody whom the provider does not know.
    world.memory.put_secret(CUSCO, "certificado", &pem(&issued(&authority(), "cusco.example.pe")));
    let stranger = call(CUSCO, &with, "1.0.0").await;
    assert!(is_refused(&stranger), "{stranger:?}");
    world.memory.put_secret(CUSCO, "certificado", "no es un certificado");
    let broken = call(CUSCO, &with, "1.0.0").await;
    assert_eq!(broken.llamadas[0].motivo.as_deref(), Some("el certificado no sirve"));
    assert_eq!(call(LIMA, &with, "1.0.0").await.detalle.as_deref(), Some("si"), "still");
}
