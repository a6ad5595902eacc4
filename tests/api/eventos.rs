//! Events on their way out, and the work that some of them ask for: nothing is lost, and no chain waits for another.
use huella_tests::{Huella, andina, costera};
use jiff::SignedDuration;
use kernel::{Job, ids::TenantId};
use serde_json::json;
use server::trabajos::{self, worker};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

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

/// `many` pieces of work that nobody has trouble with, or that cannot be done.
async fn ask_for(huella: &Huella, cadena: &str, tema: &str, many: u32) {
    let now = huella.now();
    huella
        .execute(&format!(
            "insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
             select id, gen_random_uuid(), 'evento', '{{\"tema\": \"{tema}\", \"cuerpo\": {{}}}}', '{now}', '{now}'
               from tenants, generate_series(1, {many}) where clave = '{cadena}'"
        ))
        .await;
}

async fn start() -> Huella {
    let huella = Huella::start().await;
    huella.execute("delete from outbox").await;
    huella
}

async fn relay_all(huella: &Huella) -> usize {
    let mut sent = 0;
    loop {
        let relayed = trabajos::relay(&huella.parts).await.expect("relayed");
        sent += relayed.sent;
        if !relayed.more {
            return sent;
        }
    }
}

async fn tenant(huella: &Huella, clave: &str) -> TenantId {
    TenantId(huella.scalar(&format!("select id from tenants where clave = '{clave}'")).await)
}

#[tokio::test]
async fn an_event_that_fails_comes_back_later_and_later_and_others_do_not_wait() {
    let huella = start().await;
    wait_in_line(&huella, "andina", "cuenta.invitada", 1, 0).await;
    wait_in_line(&huella, "andina", "cita.reservada", 1, 0).await;
    let mut bus = huella.parts.app.bus().subscribe();
    assert_eq!(relay_all(&huella).await, 2);
    let told = bus.try_recv().expect("on the bus");
    assert!(told.topic == server::eventos::TOPIC && String::from_utf8_lossy(&told.body).contains("cita.reservada"), "{told:?}");
    assert_eq!(huella.scalar::<i64>("select count(*) from outbox").await, 0);
    for tries in 1..=3_i16 {
        assert_eq!(worker::work_once(&huella.parts).await.expect("worked").failed, 1, "a broken invitation");
        assert_eq!(huella.scalar::<i16>("select intentos from trabajos where error is not null").await, tries);
        let nothing = worker::Worked { done: 0, failed: 0 };
        assert_eq!(worker::work_once(&huella.parts).await.expect("worked"), nothing, "not before its time");
        huella.avanzar(SignedDuration::from_millis(1_250 * (1 << tries)));
    }
    assert!(huella.scalar::<bool>("select error !~ '@|password|cifrado' from trabajos").await);
}

#[tokio::test]
async fn a_chain_with_one_event_does_not_wait_for_a_chain_with_thousands() {
    let huella = start().await;
    for tema in ["cuenta.nada", "cita.reservada"] {
        wait_in_line(&huella, "andina", tema, 2_000, 0).await;
        wait_in_line(&huella, "costera", tema, 1, 60).await;
    }
    trabajos::relay(&huella.parts).await.expect("relayed");
    let costera = "tenant_id = (select id from tenants where clave = 'costera')";
    assert_eq!(huella.scalar::<i64>(&format!("select count(*) from outbox where {costera}")).await, 0, "in the first round");
    // And the long queue goes on in its own order.
    assert_eq!(huella.scalar::<i64>("select count(*) from outbox a join eventos e on e.tenant_id = a.tenant_id and a.creado_en < e.ocurrido_en and a.tema = e.tema").await, 0);
    // Work too: the other chain's is among the first that are done.
    relay_all(&huella).await;
    worker::work_once(&huella.parts).await.expect("worked");
    assert_eq!(huella.scalar::<i64>(&format!("select count(*) from trabajos where {costera}")).await, 0, "in the first round");
    assert!(huella.scalar::<i64>("select count(*) from trabajos").await > 1_900);
}

#[tokio::test]
async fn several_relays_deliver_each_event_once_in_order() {
    let huella = start().await;
    let other = huella.otra_instancia().await;
    wait_in_line(&huella, "andina", "cita.reservada", 700, 0).await;
    wait_in_line(&huella, "costera", "cita.reservada", 300, 0).await;
    let (here, there) = tokio::join!(relay_all(&huella), relay_all(&other));
    let rest = relay_all(&huella).await;
    assert_eq!(here + there + rest, 1_000);
    for (cadena, many) in [("andina", 700), ("costera", 300)] {
        let whole = format!(
            "select count(*) = {many} and min(numero) = 1 and max(numero) = {many} and count(distinct numero) = {many}
                and not exists (select from eventos a join eventos b on a.tenant_id = b.tenant_id and a.numero = b.numero - 1 and a.ocurrido_en > b.ocurrido_en where a.tenant_id = t.id)
               from eventos e join tenants t on t.id = e.tenant_id where t.clave = '{cadena}' group by t.id"
        );
        assert!(huella.scalar::<bool>(&whole).await, "{cadena}: numbers without gaps, in the order of what happened");
    }
}

/// The relay is woken by every commit, so looking into an outbox with nothing to do must not cost; nor must dead work.
#[tokio::test]
async fn having_nothing_to_do_costs_next_to_nothing() {
    let huella = start().await;
    ask_for(&huella, "andina", "cuenta.invitada", 20_000).await;
    huella.execute("update trabajos set estado = 'muerto', muerto_en = creado_en, intentos = 20").await;
    huella.execute("vacuum analyze trabajos").await;
    let mut fastest = Duration::MAX;
    for _ in 0..50 {
        let began = Instant::now();
        trabajos::relay(&huella.parts).await.expect("relayed");
        worker::work_once(&huella.parts).await.expect("worked");
        fastest = fastest.min(began.elapsed());
    }
    println!("a look at nothing to do takes {fastest:?}");
    assert!(fastest < Duration::from_millis(5), "{fastest:?}");
}

#[tokio::test]
async fn the_same_is_asked_for_once_and_not_done_before_its_time() {
    let huella = start().await;
    let andina = tenant(&huella, "andina").await;
    let job = || Job::new("evento", json!({ "tema": "cuenta.nada", "cuerpo": {} }));
    let mut tx = huella.parts.system().begin(andina).await.expect("begun");
    assert!(tx.enqueue(job().once("una")).await.expect("asked"));
    assert!(!tx.enqueue(job().once("una")).await.expect("asked"), "the same again");
    assert!(tx.enqueue(job().at(huella.now() + SignedDuration::from_mins(5))).await.expect("asked"));
    tx.commit().await.expect("committed");
    let mut tx = huella.parts.system().begin(andina).await.expect("begun");
    assert!(!tx.enqueue(job().once("una")).await.expect("asked"), "from another transaction");
    assert!(tx.enqueue(job().once("otra")).await.expect("asked"));
    drop(tx);
    assert_eq!(worker::work_once(&huella.parts).await.expect("worked").done, 1, "neither what is later nor what was rolled back");
    let mut tx = huella.parts.system().begin(andina).await.expect("begun");
    assert!(tx.enqueue(job().once("una")).await.expect("asked"), "done, it may be asked for again");
    tx.commit().await.expect("committed");
    huella.avanzar(SignedDuration::from_mins(5));
    assert_eq!(worker::work_once(&huella.parts).await.expect("worked").done, 2);
}

#[tokio::test]
async fn when_a_worker_dies_another_one_takes_over_and_a_late_end_changes_nothing() {
    let huella = start().await;
    let other = huella.otra_instancia().await;
    ask_for(&huella, "andina", "cuenta.nada", 3).await;
    // Taken, and never heard of again:
    let taken = worker::lend(&huella.parts, 32).await.expect("lent");
    assert_eq!(taken.len(), 3);
    assert_eq!(worker::work_once(&other.parts).await.expect("worked").done, 0, "somebody has it");
    for instance in [&huella, &other] {
        instance.avanzar(SignedDuration::from_secs(61));
    }
    let again = worker::lend(&other.parts, 32).await.expect("lent");
    assert!(again.len() == 3 && again.iter().all(|job| job.intentos == 2));
    // The first comes back from the dead:
    worker::finish(&huella.parts, taken).await.expect("settled");
    assert_eq!(huella.scalar::<i64>("select count(*) from trabajos").await, 3, "it is not its work any more");
    worker::finish(&other.parts, again).await.expect("settled");
    assert_eq!(huella.scalar::<i64>("select count(*) from trabajos").await, 0);
}

#[tokio::test]
async fn a_chain_gets_so_many_places_and_no_more() {
    let huella = start().await;
    ask_for(&huella, "andina", "cuenta.nada", 100).await;
    let first = worker::lend(&huella.parts, 32).await.expect("lent");
    assert_eq!(first.len(), 8);
    assert!(worker::lend(&huella.parts, 32).await.expect("lent").is_empty(), "all its places are taken");
    ask_for(&huella, "costera", "cuenta.nada", 1).await;
    assert_eq!(worker::lend(&huella.parts, 1).await.expect("lent").len(), 1, "and the other chain's are free");
}

#[tokio::test]
async fn what_fails_for_good_is_seen_and_begun_anew() {
    let huella = start().await;
    ask_for(&huella, "andina", "cuenta.invitada", 1).await;
    for _ in 0..20 {
        assert_eq!(worker::work_once(&huella.parts).await.expect("worked").failed, 1);
        huella.avanzar(SignedDuration::from_hours(2));
    }
    assert_eq!(worker::work_once(&huella.parts).await.expect("worked").failed, 0, "given up");
    let admin = huella.como(andina::ADMIN).await;
    let dead = admin.get("/trabajos?estado=muerto").await.ok()["items"][0].clone();
    assert_eq!((&dead["tema"], &dead["intentos"], &dead["estado"]), (&json!("cuenta.invitada"), &json!(20), &json!("muerto")), "{dead:#}");
    assert!(dead["error"].is_string() && dead["muerto_en"].is_string(), "{dead:#}");
    assert_eq!(admin.get("/trabajos?estado=pendiente").await.ok()["items"], json!([]));
    let path = format!("/trabajos/{}/reintentar", huella_tests::id(&dead));
    huella.como(andina::RECEPCION_LIMA).await.post(&path, json!({})).await.problem(403, "sin-permiso");
    let ajena = huella.como(costera::ADMIN).await;
    ajena.post(&path, json!({})).await.problem(404, "no-encontrado");
    assert_eq!(ajena.get("/trabajos").await.ok()["items"], json!([]));
    // Its cause is gone:
    huella.execute(r#"update trabajos set cuerpo = '{"tema": "cuenta.nada", "cuerpo": {}}'"#).await;
    let alive = admin.post(&path, json!({})).await.ok();
    assert_eq!((&alive["estado"], &alive["intentos"]), (&json!("pendiente"), &json!(0)));
    admin.post(&path, json!({})).await.problem(409, "trabajo-no-fallido");
    let audited: i64 = huella.scalar("select count(*) from auditoria where accion = 'reintentar' and entidad = 'trabajo'").await;
    assert_eq!(audited, 1);
    assert_eq!(worker::work_once(&huella.parts).await.expect("worked").done, 1);
}

/// How long one chain's first work waits behind another's many. `HUELLA_TRABAJOS_DELANTE=100000` for the full figure.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_work_of_a_chain_does_not_wait_for_thousands_of_another() {
    let many = std::env::var("HUELLA_TRABAJOS_DELANTE").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let huella = start().await;
    ask_for(&huella, "andina", "cuenta.nada", many).await;
    huella.execute("analyze trabajos").await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::work_forever(huella.parts.clone(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    ask_for(&huella, "costera", "cuenta.nada", 1).await;
    let began = Instant::now();
    let costera = "select count(*) from trabajos where tenant_id = (select id from tenants where clave = 'costera')";
    while huella.scalar::<i64>(costera).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waited = began.elapsed();
    let left: i64 = huella.scalar("select count(*) from trabajos").await;
    println!("behind {many} of another chain, of which {left} were left: {waited:?}");
    assert!(left > 0, "the long queue must be long enough to mean anything");
    assert!(waited < Duration::from_secs(2), "{waited:?}");
    stop.cancel();
    working.await.expect("ended");
}
