//! Events on their way out: none is lost, and no chain waits for another one.
use huella_tests::Huella;
use kernel::SystemCtx;
use server::trabajos;
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_event_that_fails_comes_back_later_and_later_and_others_do_not_wait() {
    let huella = Huella::start().await;
    let system = SystemCtx::new(&huella.parts.app);
    huella.execute("delete from outbox").await;
    let event = |tema: &str| {
        format!(
            "insert into outbox (tenant_id, tema, cuerpo, creado_en, proximo_en)
             select id, '{tema}', '{{}}', '2026-03-02T12:00:00Z', '2026-03-02T12:00:00Z' from tenants where clave = 'andina'"
        )
    };
    huella.execute(&event("cuenta.invitada")).await;
    huella.execute(&event("cita.reservada")).await;
    let mut bus = huella.parts.app.bus().subscribe();
    let relayed = trabajos::relay(&system, &huella.parts.identidad).await.expect("relayed");
    assert_eq!(relayed.sent, 1, "the booking went, the broken invitation did not");
    let told = bus.try_recv().expect("on the bus");
    assert!(told.topic == server::eventos::TOPIC && String::from_utf8_lossy(&told.body).contains("cita.reservada"), "{told:?}");
    for tries in 1..=3_i16 {
        let left: i16 = huella.scalar("select intentos from outbox where tema = 'cuenta.invitada' and error is not null").await;
        assert_eq!(left, tries);
        // Not before its time:
        trabajos::relay(&system, &huella.parts.identidad).await.expect("relayed");
        let same: i16 = huella.scalar("select intentos from outbox").await;
        assert_eq!(same, tries);
        huella.avanzar(jiff::SignedDuration::from_secs(1 << (tries + 1)));
        trabajos::relay(&system, &huella.parts.identidad).await.expect("relayed");
    }
    let plain: bool = huella.scalar("select error !~ '@|password|cifrado' from outbox").await;
    assert!(plain);
}

/// `many` events of a chain that wait since some second of that day.
async fn wait_in_line(huella: &Huella, cadena: &str, tema: &str, many: u32, second: u32) {
    huella
        .execute(&format!(
            "insert into outbox (tenant_id, tema, cuerpo, creado_en, proximo_en)
             select t.id, '{tema}', '{{}}', at, at from tenants t, generate_series(1, {many}) n,
                    lateral (select '2026-03-02T12:00:00Z'::timestamptz + {second} * interval '1 s' + n * interval '1 ms' as at) times
              where t.clave = '{cadena}'"
        ))
        .await;
}

#[tokio::test]
async fn a_chain_with_one_event_does_not_wait_for_a_chain_with_thousands() {
    let huella = Huella::start().await;
    let system = SystemCtx::new(&huella.parts.app);
    huella.execute("delete from outbox").await;
    for tema in ["cuenta.invitada", "cita.reservada"] {
        wait_in_line(&huella, "andina", tema, 2_000, 0).await;
        wait_in_line(&huella, "costera", tema, 1, 60).await;
    }
    let mut bus = huella.parts.app.bus().subscribe();
    trabajos::relay(&system, &huella.parts.identidad).await.expect("relayed");
    let costera = "tenant_id = (select id from tenants where clave = 'costera')";
    let tried: i16 = huella.scalar(&format!("select intentos from outbox where {costera} and tema = 'cuenta.invitada'")).await;
    assert_eq!(tried, 1, "somebody worked on it in the first round");
    let left: i64 = huella.scalar(&format!("select count(*) from outbox where {costera} and tema = 'cita.reservada'")).await;
    assert_eq!(left, 0, "it went to the bus in the first round");
    assert!(bus.try_recv().is_ok());
    // And the long queue goes on in its own order.
    let disordered: i64 = huella
        .scalar("select count(*) from outbox a join outbox b using (tenant_id, tema) where a.intentos > 0 and b.intentos = 0 and b.creado_en < a.creado_en")
        .await;
    assert_eq!(disordered, 0);
}

#[tokio::test]
async fn several_relays_deliver_each_event_once() {
    let huella = Huella::start().await;
    let other = huella.otra_instancia().await;
    huella.execute("delete from outbox").await;
    wait_in_line(&huella, "andina", "cita.reservada", 700, 0).await;
    wait_in_line(&huella, "costera", "cita.reservada", 300, 0).await;
    let drain = async |instance: &Huella| {
        let mut sent = 0;
        loop {
            let relayed = trabajos::relay(&SystemCtx::new(&instance.parts.app), &instance.parts.identidad).await.expect("relayed");
            sent += relayed.sent;
            if !relayed.more {
                return sent;
            }
        }
    };
    let (here, there) = tokio::join!(drain(&huella), drain(&other));
    let left: i64 = huella.scalar("select count(*) from outbox").await;
    assert_eq!(here + there + left as usize, 1_000, "{here} and {there}, {left} left");
    assert_eq!(drain(&huella).await, left as usize);
}

/// The relay asks five times a second, so looking into an outbox with nothing to do must not cost.
#[tokio::test]
async fn an_idle_outbox_costs_next_to_nothing() {
    let huella = Huella::start().await;
    huella.execute("delete from outbox").await;
    wait_in_line(&huella, "andina", "cuenta.invitada", 20_000, 0).await;
    // Given up: they stay for somebody to look at.
    huella.execute("update outbox set proximo_en = '2126-03-02T12:00:00Z', intentos = 20").await;
    huella.execute("vacuum analyze outbox").await;
    let system = SystemCtx::new(&huella.parts.app);
    let mut fastest = Duration::MAX;
    for _ in 0..50 {
        let began = Instant::now();
        trabajos::relay(&system, &huella.parts.identidad).await.expect("relayed");
        fastest = fastest.min(began.elapsed());
    }
    println!("a look into an outbox with nothing to do takes {fastest:?}");
    assert!(fastest < Duration::from_millis(5), "{fastest:?}");
}
