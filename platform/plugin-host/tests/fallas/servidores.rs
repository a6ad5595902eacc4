//! Servers and names that behave as no honest ones do.
use async_trait::async_trait;
use plugin_host::Names;
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

/// Answers each connection by `answer`, which gets it after the request's head.
pub async fn server<F, A>(answer: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream, String) -> A + Send + Sync + 'static,
    A: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (addr, count) = (listener.local_addr().expect("its address"), Arc::new(AtomicUsize::new(0)));
    let (answer, counted) = (Arc::new(answer), count.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let (mut head, mut piece) = (Vec::new(), [0; 4_096]);
                while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                    match stream.read(&mut piece).await {
                        Ok(n) if n > 0 => head.extend_from_slice(&piece[..n]),
                        _ => return,
                    }
                }
                // The client hangs up in the middle where it has enough: that is what is tested.
                let _ = answer(stream, String::from_utf8_lossy(&head).into_owned()).await;
            });
        }
    });
    (addr, count)
}

/// A name that stands for one list of addresses after the other.
pub struct Turning {
    pub answers: Vec<Vec<IpAddr>>,
    pub asked: AtomicUsize,
}

#[async_trait]
impl Names for Turning {
    async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.answers[at.min(self.answers.len() - 1)].clone())
    }
}
