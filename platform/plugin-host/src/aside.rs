//! Where guests compute. Most calls are over before a thread of their own would be worth it: they run where they were asked
//! for, among all that a server does. One that goes on goes on elsewhere, on a thread that gives way to those who serve.
use crate::{cores::LONG, guest::Cpu};
use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
    thread,
};
use tokio::{runtime::Handle, sync::oneshot};

/// As the operating system counts it: a tenth of the weight of a thread that serves.
const NICE: i32 = 10;

#[derive(Debug, thiserror::Error)]
#[error("el servidor no dio un hilo, o falló en él")]
pub(crate) struct Lost;

/// Polls `guest` here until it counts as a long one, and from then on on a thread of its own; of those there are as many as
/// places in the queue at most, and only who holds a core computes. What waits for the world is woken by the runtime it began in.
pub(crate) async fn run<F>(mut guest: Pin<Box<F>>, cpu: Arc<Cpu>) -> Result<F::Output, Lost>
where
    F: Future<Output: Send> + Send + 'static,
{
    let brief = poll_fn(|context| match guest.as_mut().poll(context) {
        Poll::Pending if cpu.spent() < LONG => Poll::Pending,
        Poll::Pending => Poll::Ready(None),
        ready => Poll::Ready(Some(ready!(ready))),
    });
    if let Some(done) = brief.await {
        return Ok(done);
    }
    let (tell, told) = oneshot::channel();
    let runtime = Handle::current();
    let work = move || {
        give_way();
        let _ = tell.send(runtime.block_on(guest));
    };
    thread::Builder::new().name("huella-huesped".into()).spawn(work).map_err(|_| Lost)?;
    told.await.map_err(|_| Lost)
}

/// Linux counts this by thread. Where it cannot be had, turns alone have to do.
fn give_way() {
    let less = rustix::process::getpriority_process(None).and_then(|own| rustix::process::setpriority_process(None, own.max(NICE)));
    if let Err(error) = less {
        tracing::debug!(%error, "a guest's thread keeps the weight of the others");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    async fn computed(time: Duration) -> (Option<String>, i32) {
        let cpu = Arc::new(Cpu::default());
        let counted = cpu.clone();
        let guest = async move {
            counted
                .count(async {
                    let began = Instant::now();
                    while began.elapsed() < time {
                        std::hint::black_box((0..1_000).sum::<u64>());
                    }
                    tokio::task::yield_now().await;
                    // A timer of the runtime, wherever this is.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                })
                .await;
            (thread::current().name().map(str::to_owned), rustix::process::getpriority_process(None).expect("a priority"))
        };
        run(Box::pin(guest), cpu).await.expect("done")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_goes_on_for_long_goes_on_behind_those_who_serve() {
        let own = rustix::process::getpriority_process(None).expect("a priority");
        let (name, nice) = computed(Duration::ZERO).await;
        assert!(name.as_deref() != Some("huella-huesped") && nice == own, "{name:?} {nice}");
        let (name, nice) = computed(LONG * 20).await;
        assert_eq!((name.as_deref(), nice), (Some("huella-huesped"), own.max(NICE)));
    }

    #[tokio::test]
    async fn one_that_panics_is_lost_alone() {
        let cpu = Arc::new(Cpu::default());
        let counted = cpu.clone();
        let guest = async move {
            let until = Instant::now() + LONG * 20;
            counted.count(async { while Instant::now() < until {} }).await;
            tokio::task::yield_now().await;
            panic!("as a host function might");
        };
        let ended: Result<std::convert::Infallible, Lost> = run(Box::pin(guest), cpu).await;
        assert!(ended.is_err());
    }
}
