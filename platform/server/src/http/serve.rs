//! Accepting connections, and letting them go without dropping a request.
//!
//! On the way out: readiness fails and every answer asks for a new connection (`demora`); then what the kernel has
//! already accepted is taken in, the door closes, and what is in flight may finish (`gracia`).
use super::{front::Peer, tls::Tls};
use axum::{Router, body::Body};
use futures::FutureExt;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::Service;

#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// Connections at once; the others wait in the kernel's queue.
    pub conexiones: usize,
    /// Time for the first byte, the TLS handshake and the headers; also closes connections that do nothing.
    pub encabezado: Duration,
    /// Time between announcing the end and closing the door.
    pub demora: Duration,
    /// Time for what is in flight to finish.
    pub gracia: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { conexiones: 10_000, encabezado: seconds(20), demora: seconds(1), gracia: seconds(30) }
    }
}

/// Serves plain HTTP/1 and HTTP/2 until `shutdown` is done, without the announcement.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
    let settings = ServeSettings { demora: Duration::ZERO, ..ServeSettings::default() };
    Server { router, settings, tls: None }.run(listener, shutdown).await
}

/// A router with its limits and, maybe, its certificate.
pub struct Server {
    pub router: Router,
    pub settings: ServeSettings,
    pub tls: Option<Tls>,
}

/// What each connection needs of the server.
struct Shared {
    router: Router,
    settings: ServeSettings,
    tls: Option<Tls>,
    closing: Arc<CancellationToken>,
}

impl Server {
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
        let Self { router, settings, tls } = self;
        let free = Arc::new(Semaphore::new(settings.conexiones));
        let shared = Arc::new(Shared { router, settings, tls, closing: Arc::default() });
        let (stop, stopped) = watch::channel(false);
        accept_until(&listener, &shared, &free, &stopped, shutdown).await;
        shared.closing.cancel();
        if !shared.settings.demora.is_zero() {
            tracing::info!("closing: readiness fails from now on");
            accept_until(&listener, &shared, &free, &stopped, tokio::time::sleep(shared.settings.demora)).await;
        }
        take_queue(listener, &shared, &free, &stopped)?;
        drop(stopped);
        let _ = stop.send(true);
        if timeout(shared.settings.gracia, stop.closed()).await.is_err() {
            tracing::warn!(connections = stop.receiver_count(), "requests still running were cut off");
        }
        Ok(())
    }
}

/// What is in the kernel's queue was accepted in the eyes of the client. The kernel is asked itself: the runtime
/// may not have heard of the last ones yet.
fn take_queue(listener: TcpListener, shared: &Arc<Shared>, free: &Arc<Semaphore>, stopped: &watch::Receiver<bool>) -> io::Result<()> {
    let listener = listener.into_std()?;
    while let (Ok((stream, peer)), Ok(permit)) = (listener.accept(), free.clone().try_acquire_owned()) {
        stream.set_nonblocking(true)?;
        spawn(shared, TcpStream::from_std(stream)?, peer, permit, stopped.clone());
    }
    Ok(())
}

async fn accept_until(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    free: &Arc<Semaphore>,
    stopped: &watch::Receiver<bool>,
    end: impl Future<Output = ()>,
) {
    tokio::pin!(end);
    loop {
        let accepted = async {
            let permit = free.clone().acquire_owned().await.map_err(io::Error::other)?;
            let (stream, peer) = listener.accept().await?;
            io::Result::Ok((stream, peer, permit))
        };
        tokio::select! {
            () = &mut end => return,
            accepted = accepted => match accepted {
                Ok((stream, peer, permit)) => spawn(shared, stream, peer, permit, stopped.clone()),
                Err(error) => {
                    // Out of descriptors, most likely: others have to finish first.
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
}

fn spawn(shared: &Arc<Shared>, stream: TcpStream, addr: SocketAddr, permit: OwnedSemaphorePermit, stopped: watch::Receiver<bool>) {
    let shared = shared.clone();
    tokio::spawn(async move {
        if let Err(error) = connection(&shared, stream, addr, stopped).await {
            tracing::debug!(%error, "connection");
        }
        drop(permit);
    });
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn connection(shared: &Shared, stream: TcpStream, addr: SocketAddr, mut stopped: watch::Receiver<bool>) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let limit = shared.settings.encabezado;
    // Nothing is allocated for a connection that says nothing, and at the end such a one is just closed.
    let mut first = [0_u8; 3];
    let read = tokio::select! {
        biased;
        read = timeout(limit, stream.peek(&mut first)) => read??,
        _ = stopped.wait_for(|stop| *stop) => match stream.peek(&mut first).now_or_never() {
            Some(read) => read?,
            None => return Ok(()),
        },
    };
    if read == 0 {
        return Ok(());
    }
    let peer = Peer { addr, tls: shared.tls.is_some(), closing: shared.closing.clone() };
    match &shared.tls {
        None => converse(shared, stream, first == *b"PRI", peer, stopped).await,
        Some(tls) => {
            let stream = timeout(limit, tls.acceptor().accept(stream)).await??;
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            converse(shared, stream, http2, peer, stopped).await
        }
    }
}

/// Answers requests until one side has enough.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    shared: &Shared,
    stream: S,
    http2: bool,
    peer: Peer,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let router = shared.router.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.clone().call(request.map(Body::new))
    });
    let io = TokioIo::new(stream);
    // The connection is polled before the signal, so that a request that is already here still counts.
    macro_rules! until_stopped {
        ($connection:expr) => {{
            let mut connection = std::pin::pin!($connection);
            tokio::select! {
                biased;
                done = connection.as_mut() => return Ok(done?),
                _ = stopped.wait_for(|stop| *stop) => {}
            }
            connection.as_mut().graceful_shutdown();
            Ok(connection.await?)
        }};
    }
    if http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(shared.settings.encabezado).max_concurrent_streams(128);
        until_stopped!(builder.serve_connection(io, service))
    } else {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(shared.settings.encabezado).max_buf_size(64 << 10);
        until_stopped!(builder.serve_connection(io, service))
    }
}
