//! A mail server that delivers to a folder, and a page to read what arrived.
mod inbox;
mod page;
mod smtp;

use super::listen;
use anyhow::Result;
use cluster::private;
use inbox::Inbox;
use std::{path::Path, sync::Arc};
use tokio::task::JoinHandle;

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
    let door = listen(private::port_in(&home.join("smtp.puerto"))?).await?;
    let desk = listen(private::port_in(&home.join("correo.puerto"))?).await?;
    let sink = MailSink { smtp: door.local_addr()?.port(), page: desk.local_addr()?.port() };
    let pages = page::router(inbox.clone());
    let receiving = tokio::spawn(async move {
        while let Ok((stream, _)) = door.accept().await {
            let inbox = inbox.clone();
            tokio::spawn(async move {
                if let Err(error) = smtp::converse(stream, &inbox).await {
                    tracing::debug!(%error, "mail sink: conversation broken off");
                }
            });
        }
    });
    let reading = tokio::spawn(async move {
        let _ = axum::serve(desk, pages).await;
    });
    Ok((sink, vec![receiving, reading]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use adapters::{SmtpConfig, SmtpMailer};
    use kernel::ports::{Mail, Mailer};

    #[tokio::test]
    async fn a_mail_sent_by_smtp_can_be_read_on_the_page() {
        let folder = std::env::temp_dir().join(format!("huella-correo-{}", uuid::Uuid::now_v7()));
        let inbox = folder.join("correo");
        std::fs::create_dir_all(&inbox).expect("a folder");
        let (sink, tasks) = start(&inbox, &folder).await.expect("started");
        let mailer =
            SmtpMailer::new(&SmtpConfig::from_url(&sink.url(), "Huella <no-responder@huella.example>").expect("good")).expect("good");
        mailer.ready().await.expect("greets");
        let text =
            "Señora Ñúñez:\n.un punto al comienzo\nEntre a https://huella.example/invitacion?c=a&b=<x>.\n<script>alert(1)</script>\n";
        for number in 1..=2 {
            let mail = Mail::plain("ana@clinica.example", format!("Invitación {number} <b>"), text);
            mailer.send(mail).await.expect("sent");
        }
        let list = get(&sink.page()).await;
        let (new, old) = (list.find("Invitación 2").expect("listed"), list.find("Invitación 1").expect("listed"));
        assert!(new < old && list.contains("ana@clinica.example") && !list.contains("<b>"), "{list}");
        let one = get(&format!("{}2", sink.page())).await;
        assert!(one.contains("Señora Ñúñez:") && one.contains("\n.un punto"), "{one}");
        assert!(one.contains("<a href=\"https://huella.example/invitacion?c=a&amp;b=\"") && !one.contains("<script>"), "{one}");
        assert!(get(&format!("{}9", sink.page())).await.contains("No existe"));
        for task in tasks {
            task.abort();
        }
        std::fs::remove_dir_all(&folder).expect("deleted");
    }

    /// The body of a page, by hand: this crate has no HTTP client.
    async fn get(url: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let rest = url.strip_prefix("http://").expect("http");
        let (host, path) = rest.split_once('/').expect("a path");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("connected");
        let ask = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }
}
