//! The side that receives: as much SMTP as a client of ours and the usual tools speak.
use super::inbox::Inbox;
use smtp_proto::{
    EXT_8BIT_MIME, EXT_PIPELINING, EXT_SIZE, EXT_SMTP_UTF8, EhloResponse, Error, Request as Command,
    request::receiver::{DataReceiver, RequestReceiver},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const LARGEST: usize = 25 << 20;
const SILENCE: Duration = Duration::from_secs(300);
/// Addresses that are refused, for good and for now: to see what becomes of a mail then.
const NOBODY: &str = "@rechazo.example";
const BUSY: &str = "@ocupado.example";

/// What a client has told so far.
#[derive(Default)]
struct Session {
    sender: bool,
    recipients: usize,
    data: Option<DataReceiver>,
    mail: Vec<u8>,
    ended: bool,
}

pub async fn converse(mut stream: TcpStream, inbox: &Inbox) -> io::Result<()> {
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
            Command::Rcpt { to } if self.sender && to.address.ends_with(NOBODY) => b"550 5.1.1 no existe\r\n",
            Command::Rcpt { to } if self.sender && to.address.ends_with(BUSY) => b"451 4.3.0 ahora no\r\n",
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

#[cfg(test)]
mod tests {
    use super::*;

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
        // Numbers go on where an earlier demonstration ended.
        let again = Inbox::open(&folder).expect("opened");
        again.store(b"Subject: t\r\n").await.expect("stored");
        assert_eq!(again.numbers().expect("listed"), [3, 2, 1]);

        let (mut session, mut receiver) = (Session::default(), RequestReceiver::default());
        let early = session.take(&mut receiver, b"DATA\r\nXYZZY\r\nRCPT TO:<c@d.pe>\r\n", &inbox).await.expect("answered");
        assert!(String::from_utf8_lossy(&early).lines().all(|line| line.starts_with('5')), "{}", String::from_utf8_lossy(&early));
        std::fs::remove_dir_all(&folder).expect("deleted");
    }
}
