//! A mail server that delivers to a folder, and a page to read what arrived.
use anyhow::{Context, Result};
use axum::{
    Router,
    extract::{Path as Segment, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use cluster::private;
use mail_parser::{Address, MessageParser};
use smtp_proto::{
    EXT_8BIT_MIME, EXT_PIPELINING, EXT_SIZE, EXT_SMTP_UTF8, EhloResponse, Error, Request as Command,
    request::receiver::{DataReceiver, RequestReceiver},
};
use std::{
    fmt::Write,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

const LARGEST: usize = 25 << 20;
const SHOWN: usize = 200;
const SILENCE: Duration = Duration::from_secs(300);

pub struct MailSink {
    smtp: u16,
    page: u16,
}

impl MailSink {
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }
    pub fn page(&self) -> String {
        format!("http://127.0.0.1:{}/", self.page)
    }
}

/// Mail goes to `inbox`; the ports are kept in `home` from one start to the next.
pub async fn start(inbox: &Path, home: &Path) -> Result<(MailSink, Vec<JoinHandle<()>>)> {
    let inbox = Arc::new(Inbox::open(inbox)?);
    let smtp = listen(private::port_in(&home.join("smtp.puerto"))?).await?;
    let page = listen(private::port_in(&home.join("correo.puerto"))?).await?;
    let sink = MailSink { smtp: smtp.local_addr()?.port(), page: page.local_addr()?.port() };
    let pages = Router::new().route("/", get(list)).route("/{number}", get(one)).layer(from_fn(guard)).with_state(inbox.clone());
    let receiving = tokio::spawn(async move {
        while let Ok((stream, _)) = smtp.accept().await {
            let inbox = inbox.clone();
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &inbox).await {
                    tracing::debug!(%error, "mail sink: conversation broken off");
                }
            });
        }
    });
    let reading = tokio::spawn(async move {
        let _ = axum::serve(page, pages).await;
    });
    Ok((sink, vec![receiving, reading]))
}

async fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("el puerto {port} está en uso"))
}

/// One file per mail, named by its number.
struct Inbox {
    folder: PathBuf,
    last: AtomicU64,
}

impl Inbox {
    fn open(folder: &Path) -> Result<Self> {
        let inbox = Self { folder: folder.to_owned(), last: AtomicU64::new(0) };
        inbox.last.store(inbox.numbers()?.first().copied().unwrap_or(0), Ordering::Relaxed);
        Ok(inbox)
    }

    /// The newest first.
    fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            numbers.extend(name.to_str().and_then(|name| name.strip_suffix(".eml")?.parse::<u64>().ok()));
        }
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(numbers)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}.eml"))
    }

    /// Written beside and renamed: the page never shows half a mail.
    async fn store(&self, mail: &[u8]) -> io::Result<()> {
        let path = self.path(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let beside = path.with_extension("parte");
        tokio::fs::write(&beside, mail).await?;
        tokio::fs::rename(&beside, &path).await
    }
}

/// What a client has told so far.
#[derive(Default)]
struct Session {
    sender: bool,
    recipients: usize,
    data: Option<DataReceiver>,
    mail: Vec<u8>,
    ended: bool,
}

async fn converse(mut stream: TcpStream, inbox: &Inbox) -> io::Result<()> {
    stream.write_all(b"220 huella.demo ESMTP\r\n").await?;
    let mut session = Session::default();
    let mut receiver = RequestReceiver::default();
    let mut buffer = vec![0u8; 16 << 10];
    while !session.ended {
        let read = timeout(SILENCE, stream.read(&mut buffer)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        if read == 0 {
            break;
        }
        let answers = session.take(&mut receiver, &buffer[..read], inbox).await?;
        stream.write_all(&answers).await?;
    }
    Ok(())
}

impl Session {
    /// Several commands may come at once, and a mail in many pieces.
    async fn take(&mut self, receiver: &mut RequestReceiver, bytes: &[u8], inbox: &Inbox) -> io::Result<Vec<u8>> {
        let mut answers = Vec::new();
        let mut bytes = bytes.iter();
        while !self.ended {
            if let Some(data) = &mut self.data {
                let complete = data.ingest(&mut bytes, &mut self.mail);
                if self.mail.len() > LARGEST {
                    self.ended = true;
                    answers.extend_from_slice(b"552 5.3.4 demasiado grande\r\n");
                } else if complete {
                    inbox.store(&std::mem::take(&mut self.mail)).await?;
                    *self = Self::default();
                    answers.extend_from_slice(b"250 2.0.0 recibido\r\n");
                } else {
                    break;
                }
                continue;
            }
            match receiver.ingest(&mut bytes).map(Command::into_owned) {
                Ok(command) => self.answer(command, &mut answers)?,
                Err(Error::NeedsMoreData { .. }) => break,
                Err(Error::ResponseTooLong) => {
                    self.ended = true;
                    answers.extend_from_slice(b"500 5.5.2 orden demasiado larga\r\n");
                }
                Err(_) => answers.extend_from_slice(b"501 5.5.4 orden no entendida\r\n"),
            }
        }
        Ok(answers)
    }

    fn answer(&mut self, command: Command<String>, answers: &mut Vec<u8>) -> io::Result<()> {
        let line: &[u8] = match command {
            Command::Ehlo { .. } => {
                let mut hello = EhloResponse::new("huella.demo");
                hello.capabilities = EXT_8BIT_MIME | EXT_PIPELINING | EXT_SIZE | EXT_SMTP_UTF8;
                hello.size = LARGEST;
                return hello.write(answers);
            }
            Command::Helo { .. } | Command::Noop { .. } => b"250 2.0.0 bien\r\n",
            Command::Mail { .. } => {
                *self = Self { sender: true, ..Self::default() };
                b"250 2.1.0 bien\r\n"
            }
            Command::Rcpt { .. } if self.sender => {
                self.recipients += 1;
                b"250 2.1.5 bien\r\n"
            }
            Command::Data if self.recipients > 0 => {
                self.data = Some(DataReceiver::new());
                b"354 escriba, y termine con un punto\r\n"
            }
            Command::Rcpt { .. } | Command::Data => b"503 5.5.1 antes falta otra orden\r\n",
            Command::Rset => {
                *self = Self::default();
                b"250 2.0.0 bien\r\n"
            }
            Command::Quit => {
                self.ended = true;
                b"221 2.0.0 hasta luego\r\n"
            }
            _ => b"502 5.5.1 no se usa aqui\r\n",
        };
        answers.extend_from_slice(line);
        Ok(())
    }
}

/// Mails hold invitations: a foreign page must not read them through a name that points here, nor run anything.
async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost"].contains(&name) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

struct Shown {
    from: String,
    to: String,
    subject: String,
    date: String,
    text: String,
}

async fn read(inbox: &Inbox, number: u64) -> Option<Shown> {
    let raw = tokio::fs::read(inbox.path(number)).await.ok()?;
    let mail = MessageParser::default().parse(&raw)?;
    let people = |list: Option<&Address<'_>>| {
        let names = list.into_iter().flat_map(|list| list.iter()).filter_map(|person| person.address()).collect::<Vec<_>>();
        names.join(", ")
    };
    Some(Shown {
        from: people(mail.from()),
        to: people(mail.to()),
        subject: mail.subject().unwrap_or("(sin asunto)").to_owned(),
        date: mail.date().and_then(|date| lima(date.to_timestamp())).unwrap_or_default(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
    })
}

/// Peru has had one offset and no daylight saving since 1994.
fn lima(seconds: i64) -> Option<String> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(-5));
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_zoned(zone).strftime("%d/%m/%Y %H:%M").to_string())
}

async fn list(State(inbox): State<Arc<Inbox>>) -> Html<String> {
    let numbers = inbox.numbers().unwrap_or_default();
    let mut rows = String::new();
    for number in numbers.iter().take(SHOWN) {
        let Some(mail) = read(&inbox, *number).await else { continue };
        let (date, to, subject) = (escape(&mail.date), escape(&mail.to), escape(&mail.subject));
        let _ = write!(rows, "<tr><td>{date}</td><td>{to}</td><td><a href=\"/{number}\">{subject}</a></td></tr>");
    }
    let table = if rows.is_empty() {
        "<p>Todavía no llegó ningún correo.</p>".to_owned()
    } else {
        format!("<table><thead><tr><th>Fecha</th><th>Para</th><th>Asunto</th></tr></thead><tbody>{rows}</tbody></table>")
    };
    page("Correo de la demo", &format!("<p>Nada sale de esta máquina. <a href=\"/\">Actualizar</a></p>{table}"))
}

async fn one(State(inbox): State<Arc<Inbox>>, Segment(number): Segment<String>) -> Response {
    let found = match number.parse() {
        Ok(number) => read(&inbox, number).await,
        Err(_) => None,
    };
    let Some(mail) = found else {
        return (StatusCode::NOT_FOUND, page("No existe ese correo", "<p><a href=\"/\">Todos los correos</a></p>")).into_response();
    };
    let head = [("De", &mail.from), ("Para", &mail.to), ("Fecha", &mail.date)];
    let mut body = String::from("<p><a href=\"/\">← Todos los correos</a></p><dl>");
    for (name, value) in head {
        let _ = write!(body, "<dt>{name}</dt><dd>{}</dd>", escape(value));
    }
    let _ = write!(body, "</dl><pre>{}</pre>", with_links(&mail.text));
    page(&mail.subject, &body).into_response()
}

fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"es\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
         color:#1c2733;background:#fff}}table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;padding:.4rem .8rem .4rem 0;\
         border-bottom:1px solid #d5dce3;vertical-align:top}}pre{{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f6f8;\
         padding:1rem;border-radius:.4rem;font:inherit}}dt{{float:left;clear:left;width:4rem;color:#566573}}dd{{margin:0 0 .2rem 4rem}}\
         a{{color:#0b5cad}}</style></head><body><h1>{title}</h1>{body}</body></html>"
    ))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Escaped, with web addresses made into links.
fn with_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter: char| letter.is_whitespace() || "<>\"'".contains(letter)).unwrap_or(from.len());
        // The full stop of the sentence is not part of the address.
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
        let shown = escape(address);
        let _ = write!(out, "{}<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>", escape(before));
        rest = &from[address.len()..];
    }
    out.push_str(&escape(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_else_becomes_markup() {
        assert_eq!(
            with_links("vea (http://a.pe/x?b=1&c=2). <b>"),
            "vea (<a href=\"http://a.pe/x?b=1&amp;c=2\" rel=\"noreferrer\">http://a.pe/x?b=1&amp;c=2</a>). &lt;b&gt;"
        );
        assert_eq!(with_links("http://a\"onclick=1"), "<a href=\"http://a\" rel=\"noreferrer\">http://a</a>&quot;onclick=1");
        assert_eq!(with_links("https://. fin"), "<a href=\"https://\" rel=\"noreferrer\">https://</a>. fin");
        assert_eq!(with_links(""), "");
    }

    #[tokio::test]
    async fn a_mail_may_come_in_single_bytes_and_commands_in_one_piece() {
        let folder = std::env::temp_dir().join(format!("huella-inbox-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let inbox = Inbox::open(&folder).expect("opened");
        let talk = b"EHLO x\r\nMAIL FROM:<a@b.pe>\r\nRCPT TO:<c@d.pe>\r\nDATA\r\nSubject: s\r\n\r\n..uno\r\n.\r\nQUIT\r\n";
        for pieces in [talk.chunks(1), talk.chunks(talk.len())] {
            let (mut session, mut receiver, mut answers) = (Session::default(), RequestReceiver::default(), Vec::new());
            for piece in pieces {
                answers.extend(session.take(&mut receiver, piece, &inbox).await.expect("answered"));
            }
            let answers = String::from_utf8(answers).expect("text");
            assert!(session.ended && answers.contains("354") && answers.ends_with("221 2.0.0 hasta luego\r\n"), "{answers}");
        }
        assert_eq!(inbox.numbers().expect("listed"), [2, 1]);
        let raw = std::fs::read_to_string(inbox.path(1)).expect("stored");
        assert_eq!(raw, std::fs::read_to_string(inbox.path(2)).expect("stored"));
        assert!(raw.contains("\n.uno"), "{raw}");
        assert_eq!(Inbox::open(&folder).expect("opened").last.load(Ordering::Relaxed), 2);

        let (mut session, mut receiver) = (Session::default(), RequestReceiver::default());
        let early = session.take(&mut receiver, b"DATA\r\nXYZZY\r\nRCPT TO:<c@d.pe>\r\n", &inbox).await.expect("answered");
        assert!(String::from_utf8_lossy(&early).lines().all(|line| line.starts_with('5')), "{}", String::from_utf8_lossy(&early));
        std::fs::remove_dir_all(&folder).expect("deleted");
    }
}
