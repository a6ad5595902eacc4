//! A mail server as providers have theirs: it speaks of letters only behind STARTTLS, with who says the password.
use adapters::SmtpConfig;
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use std::{
    io,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

const USUARIO: &str = "avisos@huella.example.pe";

#[derive(Clone)]
pub struct Buzon {
    port: u16,
    /// Its certificate, which it signed itself.
    pem: String,
    clave: Arc<Mutex<String>>,
    cartas: Arc<Mutex<Vec<String>>>,
    en_claro: Arc<Mutex<Vec<String>>>,
}

impl Buzon {
    /// `mecanismos`: by which it takes a password, as `PLAIN LOGIN`.
    pub async fn start(mecanismos: &'static str, clave: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .expect("a certificate that fits");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let buzon = Self {
            port: listener.local_addr().expect("an address").port(),
            pem: made.cert.pem(),
            clave: Arc::new(Mutex::new(clave.to_owned())),
            cartas: Arc::default(),
            en_claro: Arc::default(),
        };
        let (serving, acceptor) = (buzon.clone(), TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (buzon, acceptor) = (serving.clone(), acceptor.clone());
                // Who hangs up in the middle is no news.
                tokio::spawn(async move { buzon.converse(stream, acceptor, mecanismos).await.unwrap_or_default() });
            }
        });
        buzon
    }

    /// As somebody writes it down who says this password.
    pub fn entrada(&self, clave: &str) -> SmtpConfig {
        let url = format!("smtp://{}:{clave}@localhost:{}?tls=required", USUARIO.replace('@', "%40"), self.port);
        SmtpConfig::from_url(&url, "Huella <avisos@huella.example.pe>").expect("an address")
    }
    /// The same of who trusts its certificate.
    pub fn conocida(&self, clave: &str) -> SmtpConfig {
        self.entrada(clave).trusting(self.pem.clone().into_bytes()).expect("a certificate")
    }

    pub fn cambiar_clave(&self, clave: &str) {
        clave.clone_into(&mut self.clave.lock().expect("whole"));
    }
    /// The letters that it took, as they came.
    pub fn cartas(&self) -> Vec<String> {
        self.cartas.lock().expect("whole").clone()
    }
    /// What was said before anything was encrypted.
    pub fn en_claro(&self) -> Vec<String> {
        self.en_claro.lock().expect("whole").clone()
    }

    async fn converse(&self, stream: TcpStream, acceptor: TlsAcceptor, mecanismos: &str) -> io::Result<()> {
        let mut clear = BufStream::new(stream);
        say(&mut clear, "220 buzon.example ESMTP").await?;
        loop {
            let Some(line) = hear(&mut clear).await? else { return Ok(()) };
            let verb = verb(&line);
            self.en_claro.lock().expect("whole").push(verb.clone());
            match verb.as_str() {
                "EHLO" => say(&mut clear, "250-buzon.example\r\n250 STARTTLS").await?,
                "STARTTLS" => {
                    say(&mut clear, "220 2.0.0 adelante").await?;
                    break;
                }
                "QUIT" => return say(&mut clear, "221 2.0.0 hasta luego").await,
                _ => say(&mut clear, "530 5.7.0 primero STARTTLS").await?,
            }
        }
        let mut secret = BufStream::new(acceptor.accept(clear.into_inner()).await?);
        let mut known = false;
        while let Some(line) = hear(&mut secret).await? {
            match verb(&line).as_str() {
                "EHLO" => say(&mut secret, &format!("250-buzon.example\r\n250 AUTH {mecanismos}")).await?,
                "AUTH" => {
                    known = self.knows(&mut secret, &line).await?;
                    say(&mut secret, if known { "235 2.7.0 bienvenida" } else { "535 5.7.8 clave equivocada" }).await?;
                }
                "QUIT" => return say(&mut secret, "221 2.0.0 hasta luego").await,
                "NOOP" | "RSET" => say(&mut secret, "250 2.0.0 bien").await?,
                _ if !known => say(&mut secret, "530 5.7.0 primero la clave").await?,
                "DATA" => {
                    say(&mut secret, "354 escriba, y termine con un punto").await?;
                    self.take(&mut secret).await?;
                    say(&mut secret, "250 2.0.0 recibido").await?;
                }
                _ => say(&mut secret, "250 2.1.0 bien").await?,
            }
        }
        Ok(())
    }

    /// PLAIN says all at once, LOGIN word by word.
    async fn knows<S: AsyncBufRead + AsyncWrite + Unpin>(&self, stream: &mut S, line: &str) -> io::Result<bool> {
        let mut words = line.split_whitespace().skip(1);
        let said = match (words.next(), words.next()) {
            (Some("PLAIN"), Some(all)) => decoded(all).split('\0').skip(1).map(str::to_owned).collect(),
            (Some("LOGIN"), None) => {
                let mut said = Vec::new();
                for question in ["Username:", "Password:"] {
                    say(stream, &format!("334 {}", B64.encode(question))).await?;
                    said.push(decoded(hear(stream).await?.unwrap_or_default().trim()));
                }
                said
            }
            _ => Vec::new(),
        };
        Ok(said == [USUARIO.to_owned(), self.clave.lock().expect("whole").clone()])
    }

    async fn take<S: AsyncBufRead + Unpin>(&self, stream: &mut S) -> io::Result<()> {
        let mut carta = String::new();
        while let Some(line) = hear(stream).await?.filter(|line| line.trim_end() != ".") {
            carta.push_str(&line);
        }
        self.cartas.lock().expect("whole").push(carta);
        Ok(())
    }
}

fn verb(line: &str) -> String {
    line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase()
}

fn decoded(text: &str) -> String {
    String::from_utf8(B64.decode(text).unwrap_or_default()).unwrap_or_default()
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// `None` once nobody says anything any more.
async fn hear<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await?;
    Ok(Some(line).filter(|_| read > 0))
}
