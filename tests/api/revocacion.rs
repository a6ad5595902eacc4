//! A right that was taken away is without effect on every server within five seconds: p95 of 20 runs, whatever
//! the servers have to tell each other with.
use huella_tests::{Cliente, Huella, Modo, andina};
use kernel::ports::Bus;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const RUNS: usize = 20;
const ALLOWED: Duration = Duration::from_secs(5);

/// How long until the answer is this one, looking every few milliseconds.
async fn until(status: u16, who: &Cliente) -> Duration {
    let began = Instant::now();
    while who.get("/sedes").await.status != status {
        assert!(began.elapsed() < 3 * ALLOWED, "still not {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    began.elapsed()
}

/// Gives and takes one role again and again, and asks two servers until both say no.
async fn p95(name: &str, modo: Modo) -> Duration {
    let huella = Huella::start_with(modo).await;
    let other = huella.otra_instancia().await;
    let here = huella.como(andina::RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..here.clone() };
    let admin = huella.como(andina::ADMIN).await;
    let (usuario, rol, sede) = (
        huella.id_of("andina", "usuarios", "nombres", "Rosa").await,
        huella.id_of("andina", "roles", "clave", "recepcion").await,
        huella.id_of("andina", "sedes", "codigo", "LIM").await,
    );
    let mut asignacion: String = huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{usuario}'")).await;
    let mut took = Vec::new();
    for _ in 0..RUNS {
        tokio::join!(until(200, &here), until(200, &there));
        admin.delete(&format!("/asignaciones/{asignacion}")).await.expect(204);
        let (near, far) = tokio::join!(until(403, &here), until(403, &there));
        took.push(near.max(far));
        let again = admin.post(&format!("/usuarios/{usuario}/asignaciones"), json!({ "rol_id": rol, "sede_id": sede })).await.created();
        asignacion = huella_tests::id(&again);
    }
    took.sort_unstable();
    let p95 = took[RUNS * 95 / 100 - 1];
    println!("revoked rights, {name}: p95 of {RUNS} runs {p95:?}, longest {:?}", took[RUNS - 1]);
    p95
}

#[tokio::test]
async fn without_a_bus() {
    assert!(p95("no bus", Modo::default()).await <= ALLOWED);
}

#[tokio::test]
async fn over_one_bus_in_the_process() {
    let bus: Arc<dyn Bus> = Arc::new(adapters::MemoryBus::default());
    let modo = Modo { bus: Arc::new(move || bus.clone()), ..Modo::default() };
    assert!(p95("bus in the process", modo).await <= ALLOWED);
}

#[tokio::test]
async fn over_redis() {
    let url = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let redis = adapters::RedisConfig::from_url(&url).expect("an address");
    let bus = move || -> Arc<dyn Bus> { Arc::new(adapters::RedisBus::new(&redis).expect("a bus")) };
    assert!(p95("Redis", Modo { bus: Arc::new(bus), ..Modo::default() }).await <= ALLOWED);
}
