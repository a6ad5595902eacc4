//! An open-loop load: requests leave by the clock, whether or not earlier ones came back, and each is timed
//! from when it was due. A server that stalls cannot slow its own examination down (coordinated omission).
//! Timers tick every millisecond, so up to one of every latency is ours.
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Collected, Full};
use hyper::{Method, Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, task::LocalSet};

/// The longest latency that is told apart, in microseconds: ten minutes, more than any phase takes.
const LONGEST: u64 = 600_000_000;

/// One request, ready to go.
pub struct Ask {
    method: Method,
    path: String,
    token: Rc<str>,
    body: Option<Bytes>,
    /// What counts as right.
    expect: StatusCode,
    all_pages: bool,
}

impl Ask {
    pub fn get(token: Rc<str>, path: String) -> Self {
        Self { method: Method::GET, path, token, body: None, expect: StatusCode::OK, all_pages: false }
    }
    pub fn create(token: Rc<str>, path: &str, body: Bytes) -> Self {
        Self { method: Method::POST, path: path.to_owned(), token, body: Some(body), expect: StatusCode::CREATED, all_pages: false }
    }
    /// Asks for something to be done; the answer is 200.
    #[cfg(feature = "complementos")]
    pub fn post(token: Rc<str>, path: String) -> Self {
        Self { method: Method::POST, body: Some(Bytes::from_static(b"{}")), ..Self::get(token, path) }
    }
    pub fn delete(token: Rc<str>, path: String) -> Self {
        Self { method: Method::DELETE, ..Self::get(token, path) }
    }
    /// Follows `siguiente` to the last page; all pages together are one answer with one latency. The path has a query.
    pub fn all_pages(self) -> Self {
        Self { all_pages: true, ..self }
    }
}

/// How hard and how long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Requests a second; `None`: as many as the connections carry (closed loop, for the maximum).
    pub rate: Option<f64>,
    pub seconds: f64,
    pub connections: usize,
}

/// What came of it. Latencies, of right and wrong answers alike, in microseconds.
pub struct Outcome {
    latency: Histogram<u64>,
    pub right: u64,
    pub errors: u64,
    /// Until the last answer was there.
    elapsed: f64,
    /// 0: the connection broke.
    statuses: BTreeMap<u16, u64>,
}

impl Outcome {
    fn new() -> Result<Self> {
        let latency = Histogram::new_with_bounds(1, LONGEST, 3)?;
        Ok(Self { latency, right: 0, errors: 0, elapsed: 0.0, statuses: BTreeMap::new() })
    }
    fn note(&mut self, latency: Duration, status: u16, right: bool) {
        self.latency.saturating_record(latency.as_micros() as u64);
        self.right += u64::from(right);
        self.errors += u64::from(!right);
        *self.statuses.entry(status).or_default() += 1;
    }
    /// What came of another portion of the same.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.right += other.right;
        self.errors += other.errors;
        self.elapsed += other.elapsed;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        Ok(())
    }
    pub fn seconds(&self) -> f64 {
        self.elapsed
    }
    pub fn ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }
    pub fn max_ms(&self) -> f64 {
        self.latency.max() as f64 / 1000.0
    }
    /// Right answers a second: a wrong one, however fast, is no work done.
    pub fn rate(&self) -> f64 {
        self.right as f64 / self.elapsed
    }
    /// For figures that one wrong answer makes worthless.
    pub fn flawless(&self) -> Result<()> {
        ensure!(self.errors == 0, "{} respuestas incorrectas; por estado: {:?}", self.errors, self.statuses);
        Ok(())
    }
    pub fn statuses(&self) -> &BTreeMap<u16, u64> {
        &self.statuses
    }
}

struct Run<F> {
    /// Connections go to these in turns.
    addresses: Vec<String>,
    pace: Pace,
    start: Instant,
    next: Cell<u64>,
    make: F,
    outcome: RefCell<Outcome>,
}

impl<F> Run<F> {
    /// The next request's number and when it is due; `None` when time is up.
    fn next(&self) -> Option<(u64, Instant)> {
        let number = self.next.replace(self.next.get() + 1);
        let due = match self.pace.rate {
            Some(rate) => self.start + Duration::from_secs_f64(number as f64 / rate),
            None => Instant::now().max(self.start),
        };
        (due.duration_since(self.start).as_secs_f64() < self.pace.seconds).then_some((number, due))
    }
}

/// Asks `make(0)`, `make(1)`, … of `address` (`host:port`). On the calling thread alone, so that the examiner takes
/// at most one core.
pub async fn run(address: &str, pace: Pace, make: impl Fn(u64) -> Result<Ask> + 'static) -> Result<Outcome> {
    run_over(vec![address.to_owned()], pace, make).await
}

/// The same over several instances, as a balancer that deals connections out in turns; it costs no CPU of its own. What is due
/// goes out on the next connection that is free, so an instance that is slower serves less.
pub async fn run_over(addresses: Vec<String>, pace: Pace, make: impl Fn(u64) -> Result<Ask> + 'static) -> Result<Outcome> {
    let start = Instant::now() + Duration::from_millis(50);
    let run = Rc::new(Run { addresses, pace, start, next: Cell::new(0), make, outcome: RefCell::new(Outcome::new()?) });
    let local = LocalSet::new();
    let workers: Vec<_> = (0..pace.connections).map(|number| local.spawn_local(worker(run.clone(), number))).collect();
    local
        .run_until(async {
            for worker in workers {
                worker.await??;
            }
            anyhow::Ok(())
        })
        .await?;
    let elapsed = start.elapsed().as_secs_f64();
    let run = Rc::into_inner(run).context("a worker is still there")?;
    Ok(Outcome { elapsed, ..run.outcome.into_inner() })
}

async fn worker<F: Fn(u64) -> Result<Ask> + 'static>(run: Rc<Run<F>>, number: usize) -> Result<()> {
    let mut line = Line::open(&run.addresses[number % run.addresses.len()]).await?;
    while let Some((number, due)) = run.next() {
        tokio::time::sleep_until(due.into()).await;
        let ask = (run.make)(number)?;
        let status = line.answer(&ask).await?;
        run.outcome.borrow_mut().note(due.elapsed(), status, status == ask.expect.as_u16());
    }
    Ok(())
}

/// One connection, kept alive. Inside a `LocalSet`.
pub struct Line {
    address: String,
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(async move {
            let _ = connection.await;
        });
        Ok(Self { address: address.to_owned(), sender })
    }

    /// The status; 0 if the connection broke, and then there is a new one.
    pub async fn answer(&mut self, ask: &Ask) -> Result<u16> {
        match self.pages(ask).await {
            Ok(status) => Ok(status.as_u16()),
            Err(_) => {
                *self = Self::open(&self.address.clone()).await?;
                Ok(0)
            }
        }
    }

    /// Status and body, outside any pace.
    pub async fn whole(&mut self, ask: &Ask) -> Result<(StatusCode, Value)> {
        let (status, body) = self.exchange(ask, &ask.path).await?;
        Ok((status, serde_json::from_slice(&body.to_bytes()).unwrap_or_default()))
    }

    async fn pages(&mut self, ask: &Ask) -> Result<StatusCode> {
        let (mut status, mut body) = self.exchange(ask, &ask.path).await?;
        while ask.all_pages && status == ask.expect {
            let Some(cursor) = next_page(&body.to_bytes())? else { break };
            (status, body) = self.exchange(ask, &format!("{}&cursor={cursor}", ask.path)).await?;
        }
        Ok(status)
    }

    async fn exchange(&mut self, ask: &Ask, path: &str) -> Result<(StatusCode, Collected<Bytes>)> {
        let mut request =
            Request::builder().method(&ask.method).uri(path).header(header::HOST, &self.address).header(header::AUTHORIZATION, &*ask.token);
        if ask.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(ask.body.clone().unwrap_or_default()))?).await?;
        Ok((response.status(), response.into_body().collect().await?))
    }
}

/// The cursor of the page after this one.
fn next_page(body: &[u8]) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Page {
        siguiente: Option<String>,
    }
    Ok(serde_json::from_slice::<Page>(body)?.siguiente)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use std::{
        net::TcpListener,
        sync::atomic::{AtomicU64, Ordering},
        thread,
    };

    /// A server on a thread of its own.
    fn serve(router: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let address = listener.local_addr().expect("an address").to_string();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        thread::spawn(move || {
            runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener).expect("a listener"), router).await })
        });
        address
    }

    fn ask(path: &str) -> Ask {
        Ask::get("Bearer x".into(), path.to_owned())
    }

    /// All stand still while one answer takes half a second: those that were due meanwhile have waited too.
    #[tokio::test]
    async fn a_stall_is_felt_by_all_that_were_due_in_it() {
        static ASKED: AtomicU64 = AtomicU64::new(0);
        let stall_once = || async {
            if ASKED.fetch_add(1, Ordering::Relaxed) == 300 {
                thread::sleep(Duration::from_millis(500));
            }
        };
        let address = serve(Router::new().route("/", get(stall_once)));
        let pace = Pace { rate: Some(1000.0), seconds: 1.5, connections: 16 };
        let outcome = run(&address, pace, |_| Ok(ask("/"))).await.expect("a run");
        outcome.flawless().expect("right answers");
        assert_eq!(outcome.right, 1500);
        assert!(outcome.max_ms() >= 500.0, "max {} ms", outcome.max_ms());
        let slow = outcome.latency.count_between(50_000, LONGEST);
        assert!(slow >= 400, "{slow} above 50 ms");
    }

    #[tokio::test]
    async fn several_instances_are_served_in_turns() {
        static ASKED: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];
        let instance = |which: usize| {
            let count = move || async move {
                ASKED[which].fetch_add(1, Ordering::Relaxed);
            };
            serve(Router::new().route("/", get(count)))
        };
        let pace = Pace { rate: Some(200.0), seconds: 0.5, connections: 4 };
        let outcome = run_over(vec![instance(0), instance(1)], pace, |_| Ok(ask("/"))).await.expect("a run");
        outcome.flawless().expect("right answers");
        let asked = [&ASKED[0], &ASKED[1]].map(|count| count.load(Ordering::Relaxed));
        assert!(asked.iter().sum::<u64>() == 100 && asked.iter().all(|count| *count > 0), "{asked:?}");
    }

    #[tokio::test]
    async fn wrong_answers_are_no_throughput() {
        let address = serve(Router::new().route("/", get(|| async {})));
        let pace = Pace { rate: Some(200.0), seconds: 0.5, connections: 4 };
        let outcome = run(&address, pace, |n| Ok(ask(if n % 2 == 0 { "/" } else { "/nowhere" }))).await.expect("a run");
        assert_eq!((outcome.right, outcome.errors), (50, 50));
        assert!(outcome.rate() <= 100.0 + 1.0, "{}/s", outcome.rate());
        assert!(outcome.flawless().is_err_and(|error| error.to_string().contains("404: 50")));
    }

    #[tokio::test]
    async fn all_pages_are_one_answer() {
        static ASKED: AtomicU64 = AtomicU64::new(0);
        let page = || async {
            match ASKED.fetch_add(1, Ordering::Relaxed) % 3 {
                2 => r#"{"items":[]}"#,
                _ => r#"{"items":[1],"siguiente":"abc"}"#,
            }
        };
        let address = serve(Router::new().route("/", get(page)));
        let pace = Pace { rate: Some(100.0), seconds: 0.1, connections: 1 };
        let outcome = run(&address, pace, |_| Ok(ask("/?limite=1").all_pages())).await.expect("a run");
        assert_eq!((outcome.right, ASKED.load(Ordering::Relaxed)), (10, 30));
    }
}
