//! An open-loop load: requests leave by the clock, whether or not earlier ones came back, and each is timed
//! from when it was due. A server that stalls cannot slow its own examination down (coordinated omission).
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, task::LocalSet};

/// One request, ready to go.
pub struct Peticion {
    pub method: Method,
    pub path: String,
    pub token: Rc<str>,
    pub body: Option<Bytes>,
    /// What counts as right.
    pub expect: StatusCode,
}

/// How hard and how long.
#[derive(Debug, Clone, Copy)]
pub struct Ritmo {
    /// Requests a second; `None`: as many as the connections carry (closed loop, for the maximum).
    pub rate: Option<f64>,
    pub seconds: f64,
    pub connections: usize,
}

/// What came of it. Latencies in microseconds.
pub struct Resultado {
    pub latency: Histogram<u64>,
    pub done: u64,
    pub errors: u64,
    pub elapsed: f64,
    pub statuses: BTreeMap<u16, u64>,
}

impl Resultado {
    pub fn ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }
    pub fn max_ms(&self) -> f64 {
        self.latency.max() as f64 / 1000.0
    }
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed
    }
}

struct Shared<F> {
    address: String,
    ritmo: Ritmo,
    start: Instant,
    next: Cell<u64>,
    make: F,
    outcome: RefCell<Resultado>,
}

/// Runs `make(0)`, `make(1)`, … against `address` (`host:port`). On the calling thread alone, so that the
/// examiner takes at most one core.
pub async fn run(address: &str, ritmo: Ritmo, make: impl Fn(u64) -> Peticion + 'static) -> anyhow::Result<Resultado> {
    let outcome = Resultado { latency: Histogram::new(3)?, done: 0, errors: 0, elapsed: 0.0, statuses: BTreeMap::new() };
    let start = Instant::now() + Duration::from_millis(50);
    let shared = Rc::new(Shared { address: address.to_owned(), ritmo, start, next: Cell::new(0), make, outcome: RefCell::new(outcome) });
    let local = LocalSet::new();
    let workers: Vec<_> = (0..ritmo.connections).map(|_| local.spawn_local(worker(shared.clone()))).collect();
    local
        .run_until(async {
            for worker in workers {
                worker.await??;
            }
            anyhow::Ok(())
        })
        .await?;
    let elapsed = start.elapsed().as_secs_f64();
    let shared = Rc::try_unwrap(shared).map_err(|_| anyhow::anyhow!("a worker is still there"))?;
    let mut outcome = shared.outcome.into_inner();
    outcome.elapsed = elapsed;
    Ok(outcome)
}

async fn worker<F: Fn(u64) -> Peticion + 'static>(shared: Rc<Shared<F>>) -> anyhow::Result<()> {
    let mut sender = connect(&shared.address).await?;
    loop {
        let number = shared.next.get();
        shared.next.set(number + 1);
        let due = match shared.ritmo.rate {
            Some(rate) => shared.start + Duration::from_secs_f64(number as f64 / rate),
            None => Instant::now().max(shared.start),
        };
        if due.duration_since(shared.start).as_secs_f64() >= shared.ritmo.seconds {
            return Ok(());
        }
        tokio::time::sleep_until(due.into()).await;
        let peticion = (shared.make)(number);
        let expect = peticion.expect;
        let status = match exchange(&mut sender, &shared.address, peticion).await {
            Ok(status) => status.as_u16(),
            Err(_) => {
                sender = connect(&shared.address).await?;
                0
            }
        };
        let mut outcome = shared.outcome.borrow_mut();
        outcome.latency.saturating_record(due.elapsed().as_micros() as u64);
        outcome.done += 1;
        outcome.errors += u64::from(status != expect.as_u16());
        *outcome.statuses.entry(status).or_default() += 1;
    }
}

type Sender = http1::SendRequest<Full<Bytes>>;

async fn connect(address: &str) -> anyhow::Result<Sender> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

async fn exchange(sender: &mut Sender, host: &str, peticion: Peticion) -> anyhow::Result<StatusCode> {
    let mut request = Request::builder()
        .method(peticion.method)
        .uri(&peticion.path)
        .header(header::HOST, host)
        .header(header::AUTHORIZATION, &*peticion.token);
    if peticion.body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    sender.ready().await?;
    let response = sender.send_request(request.body(Full::new(peticion.body.unwrap_or_default()))?).await?;
    let status = response.status();
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(status)
}
