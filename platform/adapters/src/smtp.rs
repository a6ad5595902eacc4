//! E-mail through any SMTP server.
use crate::{BadSetting, Secret};
use async_trait::async_trait;
use kernel::ports::{Invitation, Mail, Mailer, PortError};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::PoolConfig,
};
use std::time::Duration;

/// The server and the address that people see as sender.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    url: Secret,
    from: String,
}

impl SmtpConfig {
    /// `smtp://user:password@host:port?tls=required` (STARTTLS) or `smtps://…`; without `tls` nothing is
    /// encrypted. `from` as in `Huella <avisos@ejemplo.pe>`.
    pub fn from_url(url: &str, from: &str) -> Result<Self, BadSetting> {
        let config = Self { url: Secret::new(url), from: from.to_owned() };
        SmtpMailer::new(&config)?;
        Ok(config)
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
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.expose())
            .map_err(|_| BadSetting("SMTP_URL no es una dirección como smtp://usuario:clave@servidor:587?tls=required".into()))?;
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
}
