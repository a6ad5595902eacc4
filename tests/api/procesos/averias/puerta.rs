//! The way to a service, which a test can close, cut or hold up while the service itself goes on.
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paso {
    Abierto,
    /// Each piece takes this long more.
    Lento(Duration),
    /// What was open is cut, and who comes is cut off.
    Cortado,
    /// Nothing comes through in either direction, and nobody is told: a cable that was pulled.
    Mudo,
    /// An HTTP answer to whatever is asked.
    Responde(&'static str),
}

pub struct Puerta {
    pub port: u16,
    paso: Arc<watch::Sender<Paso>>,
    _doorman: JoinSet<()>,
}

impl Puerta {
    /// To this address, open at first.
    pub async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let paso = Arc::new(watch::Sender::new(Paso::Abierto));
        let mut doorman = JoinSet::new();
        doorman.spawn(receive(listener, address, Arc::clone(&paso)));
        Self { port, paso, _doorman: doorman }
    }

    pub fn poner(&self, paso: Paso) {
        self.paso.send_replace(paso);
    }
}

async fn receive(listener: TcpListener, address: String, paso: Arc<watch::Sender<Paso>>) {
    let mut visits = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        visits.spawn(visit(stream, address.clone(), paso.subscribe()));
        while visits.try_join_next().is_some() {}
    }
}

/// A connection that was there while the way was mute stays so: its packets were lost, and nobody sends them again.
async fn visit(mut stream: TcpStream, address: String, mut paso: watch::Receiver<Paso>) {
    let now = *paso.borrow_and_update();
    match now {
        Paso::Cortado => return,
        Paso::Mudo => std::future::pending().await,
        Paso::Responde(answer) => {
            let mut request = vec![0; 64 << 10];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            return;
        }
        Paso::Abierto | Paso::Lento(_) => {}
    }
    let Ok(other) = TcpStream::connect(&address).await else { return };
    let _ = (stream.set_nodelay(true), other.set_nodelay(true));
    let ((from, to), (back_from, back_to)) = (stream.into_split(), other.into_split());
    let passing = async {
        tokio::select! {
            () = carry(from, back_to, paso.clone()) => {}
            () = carry(back_from, to, paso.clone()) => {}
        }
    };
    let mut watched = paso.clone();
    tokio::select! {
        () = passing => {}
        _ = watched.wait_for(|paso| matches!(paso, Paso::Cortado | Paso::Responde(_))) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut paso: watch::Receiver<Paso>) {
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = tokio::select! {
            biased;
            () = async { drop(paso.wait_for(|paso| *paso == Paso::Mudo).await) } => return std::future::pending().await,
            read = from.read(&mut piece) => read,
        };
        let Ok(read @ 1..) = read else { return };
        let now = *paso.borrow();
        if let Paso::Lento(time) = now {
            tokio::time::sleep(time).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
