//! Clients that insist: each booking is asked for, with the same key, until the server says what became of it.
use super::{doubled, kept, number};
use crate::procesos::serve::Servicio;
use huella_tests::{Cliente, id};
use reqwest::Method;
use serde_json::Value;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const AT_ONCE: usize = 8;

#[derive(Default)]
struct Cuenta {
    stop: AtomicBool,
    booked: AtomicUsize,
    failed: AtomicUsize,
    /// When something was last booked.
    last: Mutex<Option<Instant>>,
}

/// Several of them.
pub struct Insistentes {
    clients: JoinSet<Vec<String>>,
    cuenta: Arc<Cuenta>,
}

impl Insistentes {
    pub fn start(recepcion: &Cliente, bookings: Vec<Value>) -> Self {
        let (queue, cuenta) = (Arc::new(Mutex::new(VecDeque::from(bookings))), Arc::<Cuenta>::default());
        let mut clients = JoinSet::new();
        for _ in 0..AT_ONCE {
            clients.spawn(insist(recepcion.clone(), Arc::clone(&queue), Arc::clone(&cuenta)));
        }
        Self { clients, cuenta }
    }

    pub fn booked(&self) -> usize {
        self.cuenta.booked.load(Ordering::Relaxed)
    }

    pub async fn until(&self, booked: usize) {
        let start = Instant::now();
        while self.booked() < booked {
            assert!(start.elapsed() < Duration::from_secs(60), "only {} bookings", self.booked());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How long nothing was booked, until the first booking from now on.
    pub async fn back(&self) -> Duration {
        let (before, last) = (self.booked(), *self.cuenta.last.lock().expect("whole"));
        self.until(before + 1).await;
        last.map_or(Duration::ZERO, |last| last.elapsed())
    }

    /// The ids of all that was acknowledged, and how many tries got no answer, or one that says to come back.
    pub async fn ended(self) -> (Vec<String>, usize) {
        self.cuenta.stop.store(true, Ordering::Relaxed);
        let ids = self.clients.join_all().await.into_iter().flatten().collect();
        (ids, self.cuenta.failed.load(Ordering::Relaxed))
    }
}

async fn insist(recepcion: Cliente, queue: Arc<Mutex<VecDeque<Value>>>, cuenta: Arc<Cuenta>) -> Vec<String> {
    let mut ids = Vec::new();
    while !cuenta.stop.load(Ordering::Relaxed) {
        let Some(body) = queue.lock().expect("whole").pop_front() else { break };
        let key = uuid::Uuid::now_v7().to_string();
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < Duration::from_secs(90), "a booking was never answered");
            let request = recepcion.request(Method::POST, "/citas/reservar").header("Idempotency-Key", &key).json(&body);
            let Some((status, answer)) = answered(request.timeout(Duration::from_secs(15))).await else {
                cuenta.failed.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            match status {
                201 => {
                    ids.push(id(&answer));
                    *cuenta.last.lock().expect("whole") = Some(Instant::now());
                    cuenta.booked.fetch_add(1, Ordering::Relaxed);
                }
                // A holiday of the agenda.
                422 => {}
                other => panic!("{other}: {answer:#}"),
            }
            break;
        }
    }
    ids
}

/// `None` where the answer is still owed: none came, or one that says to come back.
async fn answered(request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
    let answer = request.send().await.ok()?;
    let (status, again) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
    let body = answer.json().await.ok()?;
    (!again).then_some((status, body))
}

/// What was acknowledged is there once, with its line of audit and its event, and nothing else is.
pub async fn whole(servicio: &Servicio, ids: &[String]) {
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "two bookings with one id");
    let named = ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
    let there = servicio.number(&format!("select count(*) from citas where id in ({named})")).await;
    let all = ids.len() as i64;
    assert_eq!((there, kept(servicio).await, doubled(servicio).await), (all, (all, all, all), 0));
}

/// Somebody who leaves at each point of a request, and comes back with the same key.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_at_any_point_leave_nothing_half_done() {
    let servicio = Servicio::of(&["andina"]).await;
    let server = servicio.serve_with(&[("HUELLA_TRABAJOS", "false")]).await;
    let recepcion = servicio.recepcion().await;
    let mut bookings = servicio.bookings(&recepcion).await;
    bookings.truncate(160);
    let mut leaving = JoinSet::new();
    for (which, body) in bookings.iter().enumerate() {
        let (head, body) = (head(&recepcion, which, &body.to_string()), body.to_string());
        let sent = format!("{head}{body}");
        let cut = match which % 8 {
            0 => 1,
            1 => 20,
            2 => head.len() / 2,
            3 => head.len(),
            4 => head.len() + body.len() / 2,
            5 => sent.len() - 1,
            // Whole: leaves at once, or after a moment, in which it may be booked or not.
            _ => sent.len(),
        };
        let moment = Duration::from_millis(if which % 8 == 7 { (which % 5) as u64 * 40 } else { 0 });
        let port = servicio.port;
        leaving.spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connects");
            stream.write_all(&sent.as_bytes()[..cut]).await.expect("sent");
            tokio::time::sleep(moment).await;
            if which % 3 == 0 {
                // Without a word: what is still on its way is refused.
                let _ = stream.set_zero_linger();
            } else {
                let _ = tokio::time::timeout(Duration::from_millis(1), stream.read(&mut [0; 16])).await;
            }
        });
    }
    leaving.join_all().await;
    // Whatever was done is whole,
    let open = format!(
        "select count(*) from pg_stat_activity where application_name = 'huella' and datname = '{}' and xact_start is not null",
        servicio.url().rsplit('/').next().unwrap_or_default()
    );
    let start = Instant::now();
    while number(servicio.url(), &open).await > 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "a transaction stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (citas, audited, told) = kept(&servicio).await;
    eprintln!("{citas} of {} were booked by clients that left", bookings.len());
    assert_eq!((audited, told), (citas, citas));
    assert!(citas > 0 && (citas as usize) < bookings.len() / 2, "{citas}: some are booked, and none that was not sent whole");
    // and who comes back with the same key gets the same booking, or the first one.
    let mut ids = Vec::new();
    for (which, body) in bookings.iter().enumerate() {
        let answer = recepcion.post_once("/citas/reservar", &format!("se-fue-{which}"), body).await;
        match answer.status.as_u16() {
            201 => ids.push(id(&answer.body)),
            _ => drop(answer.expect(422)),
        }
    }
    whole(&servicio, &ids).await;
    drop(server);
    servicio.gone().await;
}

fn head(recepcion: &Cliente, which: usize, body: &str) -> String {
    let token = recepcion.token.as_deref().expect("signed in");
    format!(
        "POST /api/v1/citas/reservar HTTP/1.1\r\nhost: huella\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         idempotency-key: se-fue-{which}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
}
