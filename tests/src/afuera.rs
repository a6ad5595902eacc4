//! The outside world of the tests: a real S3 endpoint and a real mail server, one of each per process, on a
//! thread of their own because every test has, and ends, its own runtime.
use adapters::{S3Config, S3Files, Secret, SmtpConfig, SmtpMailer};
use mail_parser::{MessageParser, MimeHeaders};
use server::demo::{correo, s3};
use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

struct Afuera {
    s3: S3Config,
    smtp: String,
    inbox: PathBuf,
    store: PathBuf,
}

fn afuera() -> &'static Afuera {
    static AFUERA: OnceLock<Afuera> = OnceLock::new();
    AFUERA.get_or_init(|| {
        let (ready, made) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            runtime.block_on(async {
                ready.send(start().await.expect("S3 and mail")).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        made.recv().expect("the outside world")
    })
}

async fn start() -> anyhow::Result<Afuera> {
    let home = crate::mundo::run_folder();
    let folder = |name: &str| -> anyhow::Result<PathBuf> {
        let path = home.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    };
    let (store, inbox) = (folder("s3")?, folder("correo")?);
    let (endpoint, _) = s3::start(&store, &home).await?;
    let (mail, _) = correo::start(&inbox, &home).await?;
    let s3 = S3Config {
        endpoint: Some(endpoint.url()),
        region: "us-east-1".into(),
        bucket: "huella".into(),
        access_key: endpoint.access_key.clone(),
        secret_key: Secret::new(endpoint.secret_key.clone()),
    };
    S3Files::new(&s3).ensure_bucket().await?;
    Ok(Afuera { s3, smtp: mail.url(), inbox, store })
}

/// An adapter of its own for each test: its connections belong to the test's runtime.
pub fn files() -> S3Files {
    S3Files::new(&afuera().s3)
}

/// The same store, for a program of its own.
pub fn s3_variables() -> [(&'static str, String); 4] {
    let s3 = &afuera().s3;
    let endpoint = s3.endpoint.clone().expect("an address");
    let (access, secret) = (s3.access_key.clone(), s3.secret_key.expose().to_owned());
    [("S3_ENDPOINT", endpoint), ("S3_BUCKET", s3.bucket.clone()), ("S3_ACCESS_KEY", access), ("S3_SECRET_KEY", secret)]
}

/// The same mail server, for a program of its own.
pub fn smtp_url() -> &'static str {
    &afuera().smtp
}

/// The names of what is kept in a folder of the store.
pub fn stored(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(afuera().store.join(&afuera().s3.bucket).join(folder)).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

pub fn mailer() -> anyhow::Result<SmtpMailer> {
    Ok(SmtpMailer::new(&SmtpConfig::from_url(&afuera().smtp, "Huella <avisos@huella.example.pe>")?)?)
}

/// Every mail of this run that names `who`, as it arrived, the oldest first.
pub fn mails_to(who: &str) -> Vec<String> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&afuera().inbox).expect("the inbox").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "eml"))
        .map(|path| read(path))
        .filter(|mail| mail.contains(who))
        .collect()
}

/// A mail as its reader's program takes it apart.
#[derive(Debug, Clone)]
pub struct Carta {
    /// As it came.
    pub raw: String,
    pub from: String,
    pub reply_to: Option<String>,
    pub id: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The parts that are for a calendar: content type and text.
    pub calendar: Vec<(String, String)>,
}

/// Every mail of this run to this address, the oldest first.
pub fn cartas(to: &str) -> Vec<Carta> {
    mails_to(to).iter().filter_map(|raw| read(raw, to)).collect()
}

fn read(raw: &str, to: &str) -> Option<Carta> {
    let mail = MessageParser::default().parse(raw.as_bytes())?;
    let to_it = mail.to()?.iter().any(|address| address.address().is_some_and(|address| address == to));
    let calendar = mail.parts.iter().filter_map(|part| {
        let kind = part.content_type()?;
        let name = format!("{}/{}", kind.ctype(), kind.subtype()?);
        let method = kind.attribute("method").map(|method| format!("; method={method}")).unwrap_or_default();
        let text = String::from_utf8_lossy(part.contents()).into_owned();
        ["text/calendar", "application/ics"].contains(&name.as_str()).then(|| (format!("{name}{method}"), text))
    });
    to_it.then(|| Carta {
        raw: raw.to_owned(),
        from: mail.from().and_then(|from| from.first()?.name().map(str::to_owned)).unwrap_or_default(),
        reply_to: mail.reply_to().and_then(|to| to.first()?.address().map(str::to_owned)),
        id: mail.message_id().unwrap_or_default().to_owned(),
        subject: mail.subject().unwrap_or_default().to_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        calendar: calendar.collect(),
    })
}
