//! E-mail through any SMTP server.
use crate::{BadSetting, Secret};
use async_trait::async_trait;
use kernel::ports::{Mail, Mailer, PortError};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
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

/// Only the kind and the code: the text of a server may repeat the recipient.
fn failed(error: &lettre::transport::smtp::Error) -> PortError {
    let code = error.status().map(|code| format!(" {code}")).unwrap_or_default();
    if error.is_permanent() {
        PortError::Rejected(format!("smtp: rechazado{code}"))
    } else if error.is_timeout() {
        PortError::Unavailable("smtp: sin respuesta".into())
    } else {
        PortError::Unavailable(format!("smtp: sin conexión{code}"))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), PortError> {
        let to: Mailbox = mail.to.parse().map_err(|_| PortError::Rejected("smtp: destinatario inválido".into()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|_| PortError::Rejected("smtp: mensaje inválido".into()))?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
