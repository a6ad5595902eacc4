//! A screen that lost the line and comes back.
use super::{Agenda, DE_LA_CADENA, Pantalla, Trabajos, redis};
use crate::procesos::serve::Servicio;
use huella_tests::{Cliente, andina::RECEPCION_LIMA, id};
use reqwest::Method;
use serde_json::json;
use server::trabajos;
use std::time::{Duration, Instant};

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let agenda = Agenda::callada().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    let first = agenda.reservar(&recepcion, 0).await;
    let mut last = pantalla.next().await;
    while last.event != "cita.reservada" {
        last = pantalla.next().await;
    }
    assert_eq!(last.data["cuerpo"]["id"], json!(first));
    drop(pantalla);
    let mut missed = Vec::new();
    for number in 1..5 {
        missed.push(agenda.reservar(&recepcion, number).await);
    }
    let written = "select count(*) from eventos where tema = 'cita.reservada'";
    let began = Instant::now();
    while agenda.huella.scalar::<i64>(written).await < 5 {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut pantalla = Pantalla::abrir(&recepcion, &agenda.lima, Some(last.id)).await;
    let mut heard = Vec::new();
    let mut ids = vec![last.id];
    loop {
        let event = pantalla.next().await;
        ids.push(event.id);
        match event.event.as_str() {
            "listo" => break,
            "cita.reservada" => heard.push(event.data["cuerpo"]["id"].as_str().expect("an id").to_owned()),
            other => assert!(DE_LA_CADENA.contains(&other), "{other}"),
        }
    }
    assert_eq!(heard, missed);
    assert!(ids.is_sorted(), "{ids:?}");
    // And goes on from there.
    let next = agenda.reservar(&recepcion, 5).await;
    let mut event = pantalla.next().await;
    while event.event != "cita.reservada" {
        event = pantalla.next().await;
    }
    assert_eq!(event.data["cuerpo"]["id"], json!(next));
}

#[tokio::test]
async fn what_cannot_be_told_one_by_one_is_told_as_such() {
    let agenda = Agenda::callada().await;
    let huella = &agenda.huella;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let fill = format!(
        "insert into eventos (tenant_id, numero, sede_id, tema, cuerpo, ocurrido_en, en)
         select tenant_id, n, id, 'cita.cambiada', '{{}}', '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z' from sedes, generate_series(1, 1200) n where id = '{0}';
         insert into eventos_ultimos (tenant_id, ultimo) select tenant_id, 1200 from sedes where id = '{0}'
         on conflict (tenant_id) do update set ultimo = 1200, podado = 0",
        agenda.lima
    );
    huella.execute("delete from outbox; delete from eventos").await;
    huella.execute(&fill).await;
    let first = async |last: i64| Pantalla::abrir(&recepcion, &agenda.lima, Some(last)).await.next().await;
    // Too many; the last thousand; a number that never was; what is no longer kept.
    assert_eq!(first(100).await.event, "reiniciar");
    let whole = first(200).await;
    assert_eq!((whole.event.as_str(), whole.id), ("cita.cambiada", 201));
    assert_eq!(first(9_999).await.event, "reiniciar");
    huella.avanzar(jiff::SignedDuration::from_mins(9));
    trabajos::clean(&huella.parts.system()).await.expect("cleaned");
    assert_eq!(first(1_190).await.event, "cita.cambiada", "ten minutes are promised");
    huella.avanzar(jiff::SignedDuration::from_mins(7));
    trabajos::clean(&huella.parts.system()).await.expect("cleaned");
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let pruned = Pantalla::abrir(&recepcion, &agenda.lima, Some(1_190)).await.next().await;
    assert_eq!((pruned.event.as_str(), pruned.id), ("reiniciar", 1_200));
    assert_eq!(Pantalla::abrir(&recepcion, &agenda.lima, Some(1_200)).await.next().await.event, "listo");
    let wrong = recepcion.request(Method::GET, &format!("/eventos?sede_id={}", agenda.lima)).header("Last-Event-ID", "ayer");
    let mut wrong = Pantalla { response: wrong.send().await.expect("an answer"), text: String::new() };
    assert_eq!(wrong.next().await.event, "reiniciar");
}

/// An event whose number is given late is not lost: numbers are given after the commit.
#[tokio::test]
async fn a_slow_commit_is_not_overtaken() {
    let agenda = Agenda::callada().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    // A transaction that has its row in the outbox and is not done,
    let mut slow = agenda.huella.sql.begin().await.expect("a transaction");
    let insert = format!(
        "insert into outbox (tenant_id, sede_id, tema, cuerpo, creado_en, proximo_en)
         select tenant_id, id, 'cita.cambiada', '{{\"lenta\": true}}', '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z' from sedes where id = '{}'",
        agenda.lima
    );
    sqlx::query(sqlx::AssertSqlSafe(insert)).execute(&mut *slow).await.expect("inserted");
    // while another one comes and is heard:
    agenda.reservar(&recepcion, 0).await;
    let mut last = pantalla.next().await;
    while last.event != "cita.reservada" {
        last = pantalla.next().await;
    }
    drop(pantalla);
    slow.commit().await.expect("committed");
    agenda.huella.parts.app.outbox().notify_one();
    let mut pantalla = Pantalla::abrir(&recepcion, &agenda.lima, Some(last.id)).await;
    let mut heard = pantalla.next().await;
    while heard.event == "listo" {
        heard = pantalla.next().await;
    }
    assert_eq!(heard.data["cuerpo"]["lenta"], json!(true), "{heard:?}");
}

/// Everything of one kind that was missed, until the screen is told that it has all.
async fn perdidos(pantalla: &mut Pantalla, ids: &mut Vec<i64>) -> Vec<String> {
    let mut citas = Vec::new();
    loop {
        let event = pantalla.next().await;
        ids.push(event.id);
        match event.event.as_str() {
            "listo" => return citas,
            "cita.reservada" => citas.push(event.data["cuerpo"]["id"].as_str().expect("an id").to_owned()),
            other => assert!(DE_LA_CADENA.contains(&other), "{other}"),
        }
    }
}

/// The next bookings that a screen hears of.
async fn oidas(pantalla: &mut Pantalla, many: usize, ids: &mut Vec<i64>) -> Vec<String> {
    let mut citas = Vec::new();
    while citas.len() < many {
        let event = pantalla.next().await;
        ids.push(event.id);
        if event.event == "cita.reservada" {
            citas.push(event.data["cuerpo"]["id"].as_str().expect("an id").to_owned());
        }
    }
    citas
}

/// Lost at one server and found at the other, again and again, while both book: one screen hears all, once, in order.
#[tokio::test(flavor = "multi_thread")]
async fn over_redis_a_screen_that_goes_from_server_to_server_hears_everything_once() {
    let agenda = Agenda::callada_with(redis()).await;
    let other = agenda.huella.otra_instancia().await;
    let (_here, _there) = (Trabajos::of(&agenda.huella, true), Trabajos::of(&other, true));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let servers = [&recepcion, &there];
    let mut steady = Pantalla::lista(&there, &agenda.lima).await;
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    let (mut booked, mut heard, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..5_u32 {
        // Two while it listens, from both servers,
        for n in 0..2 {
            booked.push(agenda.reservar(servers[n as usize], round * 6 + n).await);
        }
        heard.extend(oidas(&mut pantalla, 2, &mut ids).await);
        drop(pantalla);
        // two while nobody listens there,
        for n in 2..4 {
            booked.push(agenda.reservar(servers[n as usize % 2], round * 6 + n).await);
        }
        // and two while it comes back, at the other server.
        let last = *ids.last().expect("it heard something");
        let now = servers[(round as usize + 1) % 2];
        let (mut back, more) = tokio::join!(Pantalla::abrir(now, &agenda.lima, Some(last)), async {
            [agenda.reservar(servers[0], round * 6 + 4).await, agenda.reservar(servers[1], round * 6 + 5).await]
        });
        booked.extend(more);
        let missed = perdidos(&mut back, &mut ids).await;
        // "listo" carries the number of the last one before it.
        let listo = ids.pop().expect("listo");
        assert!(ids.last().is_some_and(|before| *before <= listo), "{ids:?} {listo}");
        let rest = 4 - missed.len();
        heard.extend(missed);
        heard.extend(oidas(&mut back, rest, &mut ids).await);
        pantalla = back;
    }
    pantalla.silent().await;
    assert_eq!(heard, booked, "all of it, in the order in which it was booked, and nothing twice");
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    let mut all = Vec::new();
    assert_eq!(oidas(&mut steady, booked.len(), &mut all).await, booked, "the same as a screen that never went away");
    assert_eq!(all, ids);
}

/// The program itself, twice, and one of the two is killed while it books: its screens go on at the other one.
#[tokio::test(flavor = "multi_thread")]
async fn screens_of_a_killed_server_go_on_at_the_other_one() {
    let redis = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let one = Servicio::of(&["andina"]).await;
    // What one of them signed, the other one takes.
    let publica = one.base_url();
    let variables = [("REDIS_URL", redis.as_str()), ("HUELLA_URL_PUBLICA", publica.as_str())];
    let two = one.en_otro_puerto();
    let (mut killed, living) = (one.serve_with(&variables).await, two.serve_with(&variables).await);
    let recepcion = one.como("andina", RECEPCION_LIMA).await;
    let there = Cliente { base: two.base_url(), ..recepcion.clone() };
    let mut bookings = one.bookings(&recepcion).await.into_iter();
    let lima = bookings.as_slice()[0]["sede_id"].as_str().expect("a sede").to_owned();
    let mut book = async |who: &Cliente| id(&who.post("/citas/reservar", bookings.next().expect("one more")).await.created());
    let (mut steady, mut pantalla) = (Pantalla::lista(&there, &lima).await, Pantalla::lista(&recepcion, &lima).await);
    let (mut booked, mut ids, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for who in [&recepcion, &there, &recepcion] {
        booked.push(book(who).await);
    }
    let mut heard = oidas(&mut pantalla, 3, &mut ids).await;
    assert_eq!(heard, booked);
    // Acknowledged, and the server is gone before it can tell anybody.
    for _ in 0..4 {
        booked.push(book(&recepcion).await);
    }
    killed.child.kill().await.expect("killed");
    // What was on its way comes, then the answer ends.
    while let Some(event) = pantalla.maybe().await {
        ids.push(event.id);
        if event.event == "cita.reservada" {
            heard.push(event.data["cuerpo"]["id"].as_str().expect("an id").to_owned());
        }
    }
    for _ in 0..3 {
        booked.push(book(&there).await);
    }
    let mut back = Pantalla::abrir(&there, &lima, ids.last().copied()).await;
    heard.extend(perdidos(&mut back, &mut ids).await);
    ids.pop();
    let rest = booked.len() - heard.len();
    heard.extend(oidas(&mut back, rest, &mut ids).await);
    // And when the first one is back, its bookings are heard at the other one.
    let again = one.serve_with(&variables).await;
    booked.push(book(&recepcion).await);
    heard.extend(oidas(&mut back, 1, &mut ids).await);
    assert_eq!(heard, booked, "nothing is lost and nothing told twice");
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    assert_eq!(oidas(&mut steady, booked.len(), &mut all).await, booked);
    assert_eq!(all, ids);
    for server in [living, again] {
        server.signal("TERM").await;
        assert_eq!(server.ended().await.0, Some(0));
    }
    one.gone().await;
}
