//! E-mail through any SMTP server.
use crate::{BadSetting, Secret};
use async_trait::async_trait;
use kernel::ports::{Invitation, Mail, Mailer, PortError};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        PoolConfig,
        client::{Certificate, Tls, TlsParameters},
    },
};
use reqwest::Url;
use std::{net::IpAddr, time::Duration};

/// The server and the address that people see as sender.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    url: Secret,
    from: String,
    /// In PEM: who signed the server's certificate, beside those that the system trusts.
    authority: Option<Vec<u8>>,
}

impl SmtpConfig {
    /// `smtp://user:password@host:port?tls=required` (STARTTLS) or `smtps://…`; without `tls` nothing is
    /// encrypted, and no password leaves this machine. `from` as in `Huella <avisos@ejemplo.pe>`.
    pub fn from_url(url: &str, from: &str) -> Result<Self, BadSetting> {
        Self { url: Secret::new(url), from: from.to_owned(), authority: None }.checked()
    }

    /// For a server whose certificate a company signed itself.
    pub fn trusting(self, pem: Vec<u8>) -> Result<Self, BadSetting> {
        Self { authority: Some(pem), ..self }.checked()
    }

    fn checked(self) -> Result<Self, BadSetting> {
        SmtpMailer::new(&self)?;
        Ok(self)
    }
}

/// How an address asks for encryption.
fn asked(url: &Url) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned())
}

/// A password goes over no wire on which others can read it, nor where they can keep encryption from being offered.
fn check(url: &Url) -> Result<(), BadSetting> {
    let host = url.host_str().unwrap_or_default();
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let encrypted = url.scheme() == "smtps" || asked(url).as_deref() == Some("required");
    if url.password().is_some() && !encrypted && !here {
        return Err(BadSetting("SMTP_URL lleva una clave: debe cifrar, con smtps:// o con ?tls=required".into()));
    }
    if !url.username().is_empty() && url.password().is_none() {
        return Err(BadSetting("SMTP_URL lleva un usuario y ninguna clave".into()));
    }
    Ok(())
}

/// Encryption that trusts one more authority; `None` where those of the system do.
fn tls(url: &Url, authority: Option<&[u8]>) -> Result<Option<Tls>, BadSetting> {
    let Some(pem) = authority else { return Ok(None) };
    let unusable = || BadSetting("la autoridad del servidor de correo no es un certificado en PEM".into());
    if !String::from_utf8_lossy(pem).contains("BEGIN CERTIFICATE") {
        return Err(unusable());
    }
    let authority = Certificate::from_pem(pem).map_err(|_| unusable())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let parameters = TlsParameters::builder(host).add_root_certificate(authority).build().map_err(|_| unusable())?;
    match (url.scheme(), asked(url).as_deref()) {
        ("smtps", _) => Ok(Some(Tls::Wrapper(parameters))),
        (_, Some("required")) => Ok(Some(Tls::Required(parameters))),
        (_, Some("opportunistic")) => Ok(Some(Tls::Opportunistic(parameters))),
        _ => Err(BadSetting("con una autoridad propia SMTP_URL debe cifrar, con smtps:// o con ?tls=required".into())),
    }
}

#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    pub fn new(config: &SmtpConfig) -> Result<Self, BadSetting> {
        let from: Mailbox = config.from.parse().map_err(|_| BadSetting("SMTP_FROM no es una dirección de correo".into()))?;
        let unreadable = || BadSetting("SMTP_URL no es una dirección como smtp://usuario:clave@servidor:587?tls=required".into());
        let url: Url = config.url.expose().parse().map_err(|_| unreadable())?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.expose()).map_err(|_| unreadable())?;
        check(&url)?;
        if let Some(tls) = tls(&url, config.authority.as_deref())? {
            builder = builder.tls(tls);
        }
        let pool = PoolConfig::new().max_size(4).idle_timeout(Duration::from_secs(30));
        let transport = builder.timeout(Some(Duration::from_secs(10))).pool_config(pool).build();
        Ok(Self { transport, from })
    }

    /// Whether the server greets us and takes our credentials.
    pub async fn ready(&self) -> Result<(), PortError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(PortError::Unavailable("smtp: el servidor no responde".into())),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Refusals that are about our own credentials and not about the mail: somebody mends the setting, and it goes out.
const OURS: [u16; 4] = [530, 534, 535, 538];

/// Only the kind and the code: the text of a server may repeat the recipient.
fn failed(error: &lettre::transport::smtp::Error) -> PortError {
    let code = error.status().map(|code| format!(" {code}")).unwrap_or_default();
    if error.status().is_some_and(|code| OURS.contains(&u16::from(code))) {
        PortError::Unavailable(format!("smtp: credenciales{code}"))
    } else if error.is_permanent() {
        PortError::Rejected(format!("smtp: rechazado{code}"))
    } else if error.is_timeout() {
        PortError::Unavailable("smtp: sin respuesta".into())
    } else {
        PortError::Unavailable(format!("smtp: sin conexión{code}"))
    }
}

/// One line, whatever a person's text holds: a line break would begin another header.
fn line(text: &str) -> String {
    text.split(|letter: char| letter.is_control() || letter.is_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn content_type(text: &str) -> Result<ContentType, PortError> {
    ContentType::parse(text).map_err(|_| PortError::Rejected("smtp: mensaje inválido".into()))
}

/// What people read: text, HTML if there is some, and the appointment for their calendar, best last; the same once more
/// as a file, for programs that only know files.
fn parts(mail: &Mail) -> Result<MultiPart, PortError> {
    let mut best = MultiPart::alternative().singlepart(SinglePart::plain(mail.text.clone()));
    if let Some(html) = &mail.html {
        best = best.singlepart(SinglePart::html(html.clone()));
    }
    let Some(Invitation { method, text }) = &mail.invitation else { return Ok(best) };
    let kind = content_type(&format!("text/calendar; charset=utf-8; method={method}"))?;
    let best = best.singlepart(SinglePart::builder().header(kind).body(text.clone()));
    let file = Attachment::new("invitacion.ics".into()).body(text.clone(), content_type("application/ics")?);
    Ok(MultiPart::mixed().multipart(best).singlepart(file))
}

impl SmtpMailer {
    fn message(&self, mail: Mail) -> Result<Message, PortError> {
        let address = |text: &str, whose: &str| text.parse().map_err(|_| PortError::Rejected(format!("smtp: {whose} inválido")));
        let to: Address = address(&mail.to, "destinatario")?;
        let from = match &mail.from_name {
            Some(name) => Mailbox::new(Some(line(name)), self.from.email.clone()),
            None => self.from.clone(),
        };
        let mut message = Message::builder().from(from).to(Mailbox::new(None, to)).subject(line(&mail.subject));
        if let Some(reply_to) = &mail.reply_to {
            message = message.reply_to(Mailbox::new(None, address(reply_to, "responder a")?));
        }
        if let Some(id) = &mail.message_id {
            message = message.message_id(Some(line(id)));
        }
        let message = if mail.html.is_none() && mail.invitation.is_none() {
            message.header(ContentType::TEXT_PLAIN).body(mail.text)
        } else {
            message.multipart(parts(&mail)?)
        };
        message.map_err(|_| PortError::Rejected("smtp: mensaje inválido".into()))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), PortError> {
        let message = self.message(mail)?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[tokio::test]
    async fn what_people_write_begins_no_header() {
        let mailer = SmtpMailer::new(&SmtpConfig::from_url("smtp://h", "Huella <a@b.pe>").expect("good")).expect("good");
        let mail = Mail {
            from_name: Some("Andina\r\nBcc: x@y.pe".into()),
            message_id: Some("<1@huella>\r\nX-Otro: 1".into()),
            html: Some("<p>Hola</p>".into()),
            invitation: Some(Invitation { method: "REQUEST", text: "BEGIN:VCALENDAR".into() }),
            ..Mail::plain("c@d.pe", "Cita de Firulais\r\nBcc: x@y.pe", "Hola")
        };
        let text = String::from_utf8(mailer.message(mail.clone()).expect("a message").formatted()).expect("ASCII");
        let forged = |line: &str| ["bcc:", "x-otro:"].iter().any(|name| line.to_ascii_lowercase().starts_with(name));
        assert!(!text.lines().any(forged), "{text}");
        for part in ["text/plain", "text/html", "text/calendar; charset=utf-8; method=REQUEST", "filename=\"invitacion.ics\""] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let two = mailer.message(Mail { to: "c@d.pe, e@f.pe".into(), ..mail }).expect_err("two recipients");
        assert!(matches!(two, PortError::Rejected(_)));
    }

    #[tokio::test]
    async fn settings_are_checked_and_never_shown() {
        let config = SmtpConfig::from_url("smtp://ana:secreto@localhost:2525?tls=required", "Huella <a@b.pe>").expect("good");
        assert!(!format!("{config:?}").contains("secreto"));
        for (url, from, names) in [("http://ana:secreto@h", "a@b.pe", "SMTP_URL"), ("smtp://h", "nadie", "SMTP_FROM")] {
            let error = SmtpConfig::from_url(url, from).expect_err("bad").to_string();
            assert!(error.contains(names) && !error.contains("secreto"), "{error}");
        }
    }

    #[rstest]
    #[case::starttls("smtp://ana:secreto@correo.pe:587?tls=required", true)]
    #[case::from_the_start("smtps://ana%40b.pe:secreto@correo.pe", true)]
    #[case::within_the_machine("smtp://ana:secreto@127.0.0.1:2525", true)]
    #[case::nothing_to_steal("smtp://correo.pe", true)]
    #[case::in_clear("smtp://ana:secreto@correo.pe:587", false)]
    #[case::if_nobody_is_in_between("smtp://ana:secreto@correo.pe?tls=opportunistic", false)]
    #[case::half_of_it("smtps://ana@correo.pe", false)]
    #[tokio::test]
    async fn a_password_leaves_encrypted_or_not_at_all(#[case] url: &str, #[case] good: bool) {
        assert_eq!(SmtpConfig::from_url(url, "a@b.pe").is_ok(), good);
    }

    #[tokio::test]
    async fn an_authority_is_a_certificate() {
        let open = SmtpConfig::from_url("smtps://correo.pe", "a@b.pe").expect("good");
        assert!(open.trusting(b"no es PEM".to_vec()).is_err());
    }
}
