//! Many who change one appointment, or want one hour, at the same moment: whatever wins, there is one history of it, told
//! the same by versions, audit and events, and the database never had to break a deadlock.
use super::{
    Agenda,
    espera::{Lista, trabajar},
};
use huella_tests::{
    Cliente, Huella, Respuesta,
    andina::{ADMIN, RECEPCION_LIMA},
    cliente::send,
    id,
};
use reqwest::{Method, header};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::Barrier;

/// What one of many sends.
#[derive(Clone)]
struct Jugada {
    que: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    /// The version that it read, if it says so.
    etag: Option<&'static str>,
}

impl Jugada {
    fn put(que: &'static str, path: &str, body: Value, etag: &'static str) -> Self {
        Self { que, method: Method::PUT, path: path.into(), body: Some(body), etag: Some(etag) }
    }
    fn post(que: &'static str, path: &str, body: Value) -> Self {
        Self { que, method: Method::POST, path: path.into(), body: Some(body), etag: None }
    }
    fn delete(que: &'static str, path: String) -> Self {
        Self { que, method: Method::DELETE, path, body: None, etag: None }
    }
}

/// All at once, each on a connection and a task of its own, none of which begins before all are there.
async fn a_la_vez(who: &Cliente, jugadas: &[Jugada]) -> Vec<(Jugada, Respuesta)> {
    let start = Arc::new(Barrier::new(jugadas.len()));
    let racing: Vec<_> = jugadas
        .iter()
        .cloned()
        .map(|jugada| {
            let (who, start) = (who.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                let mut request = who.request(jugada.method.clone(), &jugada.path);
                if let Some(etag) = jugada.etag {
                    request = request.header(header::IF_MATCH, etag);
                }
                let request = match &jugada.body {
                    Some(body) => request.json(body),
                    None => request,
                };
                (jugada, send(request).await)
            })
        })
        .collect();
    let mut answers = Vec::new();
    for one in racing {
        answers.push(one.await.expect("answered"));
    }
    answers
}

/// Deadlocks that the database of a test had to break. Connections tell when they end, so all that were there do.
async fn interbloqueos(huella: &Huella) -> i64 {
    let mut db = PgConnection::connect(&huella.url()).await.expect("connected");
    let ended: Vec<i32> = sqlx::query_scalar(
        "with others as materialized (select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
         select pid from others where pg_terminate_backend(pid)",
    )
    .fetch_all(&mut db)
    .await
    .expect("ended");
    assert!(!ended.is_empty());
    let left = "select count(*) from pg_stat_activity where pid = any($1)";
    while sqlx::query_scalar::<_, i64>(left).bind(&ended).fetch_one(&mut db).await.expect("a count") > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()")
        .fetch_one(&mut db)
        .await
        .expect("a count")
}

/// One line of the history of an appointment, as audit or event has it.
#[derive(Debug, PartialEq, Eq)]
struct Linea {
    que: String,
    estado: String,
    inicio: String,
}

impl Agenda {
    /// What the audit says of an appointment, oldest first, and that each change begins where the one before ended.
    async fn auditada(&self, cita: &str) -> Vec<Linea> {
        let rows: Vec<(String, Option<Value>, Value)> =
            sqlx::query_as("select accion, antes, despues from auditoria where entidad = 'cita' and entidad_id = $1::uuid order by id")
                .bind(cita)
                .fetch_all(&self.huella.sql)
                .await
                .expect("the audit");
        for pair in rows.windows(2) {
            assert_eq!(Some(&pair[0].2), pair[1].1.as_ref(), "a change that began from something else: {rows:#?}");
        }
        let versions: Vec<i64> = rows.iter().filter_map(|(_, _, despues)| despues["version"].as_i64()).collect();
        assert_eq!(versions, (1..=rows.len() as i64).collect::<Vec<_>>(), "{rows:#?}");
        rows.into_iter().map(|(accion, _, despues)| linea(&accion, &despues)).collect()
    }

    /// The same, as everybody else is told.
    async fn contada(&self, cita: &str) -> Vec<Linea> {
        let rows: Vec<(String, Value)> =
            sqlx::query_as("select tema, cuerpo from outbox where tema like 'cita.%' and cuerpo->>'id' = $1 order by id")
                .bind(cita)
                .fetch_all(&self.huella.sql)
                .await
                .expect("the events");
        rows.iter().map(|(tema, cuerpo)| linea(tema, cuerpo)).collect()
    }
}

fn linea(que: &str, de: &Value) -> Linea {
    let text = |name: &str| de[name].as_str().unwrap_or_default().to_owned();
    let que = match que {
        "cita.reservada" => "reservar",
        "cita.cambiada" => "cambiar",
        "cita.anulada" => "anular",
        other => other,
    };
    Linea { que: que.to_owned(), estado: text("estado"), inicio: text("inicio") }
}

/// Of an appointment at 10:00: moves, other words, other states and a cancellation, half of them bound to what was read.
fn jugadas(agenda: &Agenda, cita: &Value, round: usize) -> Vec<Jugada> {
    let (path, estado) = (format!("/citas/{}", id(cita)), format!("/citas/{}/estado", id(cita)));
    let to = |hora: &str| {
        let mut cambio = agenda.cambio(cita);
        cambio["inicio"] = json!(format!("2026-03-02T{hora}:00-05:00"));
        cambio
    };
    let mut words = agenda.cambio(cita);
    words["motivo"] = json!(format!("Vuelta {round}"));
    let mut other_vet = to("13:00");
    other_vet["medico_id"] = json!(agenda.rojas);
    let mut both = to("15:30");
    both["estado"] = json!("confirmada");
    let mut all = vec![
        Jugada::put("move to 12:00", &path, to("12:00"), "\"1\""),
        Jugada::put("move to 16:00", &path, to("16:00"), "\"1\""),
        Jugada::put("other words", &path, words.clone(), "\"1\""),
        Jugada::put("confirm", &estado, json!({ "estado": "confirmada" }), "\"1\""),
        Jugada::put("move to another vet", &path, other_vet, "*"),
        Jugada::put("move a little", &path, to("10:15"), "*"),
        Jugada::put("move and confirm", &path, both, "*"),
        Jugada::put("other words, whatever it is", &path, words, "*"),
        Jugada::put("has come", &estado, json!({ "estado": "en_espera" }), "*"),
        Jugada::put("is not confirmed", &estado, json!({ "estado": "programada" }), "*"),
    ];
    // In two of three rounds somebody cancels, in one of them two at once.
    for who in 0..round % 3 {
        all.push(Jugada::delete("cancel", format!("{path}?motivo=carrera+{who}")));
    }
    let turn = round % all.len();
    all.rotate_left(turn);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_changes_an_appointment_at_once_leaves_one_history() {
    const ROUNDS: usize = 36;
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let (mut changed, mut lost, mut cancelled) = (0, 0, 0);
    for round in 0..ROUNDS {
        let pet = agenda.mascota(&format!("Mascota {round}")).await;
        let cita = recepcion.post("/citas/reservar", agenda.cita(&pet, "2026-03-02T10:00:00")).await.created();
        let cita_id = id(&cita);
        let answers = a_la_vez(&recepcion, &jugadas(&agenda, &cita, round)).await;
        let mut versions = BTreeSet::from([1]);
        let mut from_the_first = 0;
        for (jugada, answer) in &answers {
            let status = answer.status.as_u16();
            assert!([200, 409, 412].contains(&status), "{} in round {round}: {status} {}", jugada.que, answer.body);
            lost += usize::from(status != 200);
            if status == 200 {
                let version = answer.body["version"].as_i64().expect("a version");
                assert!(versions.insert(version), "{} gave version {version} a second time", jugada.que);
                assert_eq!(answer.etag(), format!("\"{version}\""));
                from_the_first += i32::from(jugada.etag == Some("\"1\""));
            }
        }
        // Whoever says what they read changes that or nothing: of those who read the same, one at most.
        assert!(from_the_first <= 1, "{from_the_first} changed the first version in round {round}");
        // No version is missing, none came twice: nobody's change was written over unseen.
        assert_eq!(versions, (1..=versions.len() as i64).collect(), "round {round}");
        changed += versions.len() - 1;

        let now = recepcion.get(&format!("/citas/{cita_id}")).await.ok();
        assert_eq!(now["version"], json!(versions.len()), "{now:#}");
        let (audited, told) = (agenda.auditada(&cita_id).await, agenda.contada(&cita_id).await);
        assert_eq!(audited, told, "audit and events tell the same");
        assert_eq!(audited.len(), versions.len());
        let last = audited.last().expect("a line");
        assert_eq!((json!(last.estado), json!(last.inicio)), (now["estado"].clone(), now["inicio"].clone()));
        let ends = audited.iter().filter(|line| line.que == "anular").count();
        cancelled += ends;
        assert!(ends <= 1 && (ends == 0) == (now["estado"] != "anulada"), "{audited:#?}");
        if ends == 0 {
            recepcion.delete(&format!("/citas/{cita_id}?motivo=fin")).await.ok();
        }
        let busy: i64 = agenda.huella.scalar("select count(*) from citas where activa").await;
        assert_eq!(busy, 0, "a cancelled appointment holds nothing");
    }
    println!("{ROUNDS} rounds: {changed} changes, {lost} refused, {cancelled} cancelled in the race");
    assert!(changed > ROUNDS && lost > ROUNDS && cancelled > ROUNDS / 3, "a race was run: {changed} {lost} {cancelled}");
    assert_eq!(interbloqueos(&agenda.huella).await, 0);
}

/// Moves, cancellations and a no-show of one date of a series against changes of all of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_series_and_one_of_its_dates_changed_at_once_leave_one_history_each() {
    const ROUNDS: usize = 30;
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    for round in 0..ROUNDS {
        let pet = agenda.mascota(&format!("Mascota {round}")).await;
        let mut nueva = agenda.cita(&pet, "2026-03-03T10:00:00");
        for (name, value) in
            [("cada", json!(1)), ("unidad", json!("semanas")), ("veces", json!(4)), ("si_hay_conflicto", json!("rechazar"))]
        {
            nueva[name] = value;
        }
        let serie = recepcion.post("/citas/series", nueva).await.created();
        let citas: Vec<String> = serie["citas"].as_array().expect("dates").iter().map(id).collect();
        assert_eq!(citas.len(), 4, "{serie:#}");
        let first = recepcion.get(&format!("/citas/{}", citas[0])).await.ok();
        let third = recepcion.get(&format!("/citas/{}", citas[2])).await.ok();
        let to = |cita: &Value, inicio: &str| {
            let mut cambio = agenda.cambio(cita);
            cambio["inicio"] = json!(format!("{inicio}:00-05:00"));
            cambio
        };
        let all = [
            Jugada::put("move all", &format!("/citas/{}?alcance=todas", citas[0]), to(&first, "2026-03-03T11:00"), "*"),
            Jugada::put("move all the other way", &format!("/citas/{}?alcance=todas", citas[2]), to(&third, "2026-03-17T09:00"), "*"),
            Jugada::put("move one", &format!("/citas/{}", citas[2]), to(&third, "2026-03-17T15:00"), "\"1\""),
            Jugada::put("confirm one", &format!("/citas/{}/estado", citas[1]), json!({ "estado": "confirmada" }), "*"),
            Jugada::delete("cancel what follows", format!("/citas/{}?motivo=carrera&alcance=siguientes", citas[1])),
            Jugada::delete("cancel one", format!("/citas/{}?motivo=carrera", citas[3])),
        ];
        for (jugada, answer) in a_la_vez(&recepcion, &all).await {
            assert!(
                [200, 409, 412].contains(&answer.status.as_u16()),
                "{} in round {round}: {} {}",
                jugada.que,
                answer.status,
                answer.body
            );
        }
        for cita in &citas {
            let now = recepcion.get(&format!("/citas/{cita}")).await.ok();
            let (audited, told) = (agenda.auditada(cita).await, agenda.contada(cita).await);
            assert_eq!(audited, told, "round {round}");
            assert_eq!(now["version"], json!(audited.len()), "{now:#}");
            assert_eq!(json!(audited.last().expect("a line").estado), now["estado"]);
        }
        recepcion.delete(&format!("/citas/{}?motivo=fin&alcance=todas", citas[0])).await;
        for cita in &citas {
            recepcion.delete(&format!("/citas/{cita}?motivo=fin")).await;
        }
        assert_eq!(agenda.huella.scalar::<i64>("select count(*) from citas where activa").await, 0);
    }
    assert_eq!(interbloqueos(&agenda.huella).await, 0);
}

/// An hour that somebody just gave back: owners book it, hold it, wait for it, and reception gives it away above the agenda.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_hour_that_is_booked_held_and_offered_at_once_goes_to_one() {
    const ROUNDS: usize = 32;
    let lista = Lista::start().await;
    let (agenda, recepcion) = (&lista.agenda, &lista.recepcion);
    let admin = agenda.huella.como(ADMIN).await;
    let mut pets = Vec::new();
    for number in 0..6 {
        pets.push(lista.mascota(&format!("Mascota{number}")).await);
    }
    let (mut offered, mut booked, mut held) = (0, 0, 0);
    for round in 0..ROUNDS {
        let at = format!("2026-03-02T{:02}:{:02}:00", 10 + round % 8, if round % 16 < 8 { 0 } else { 15 });
        let cita = lista.ocupada(&at).await;
        let espera =
            lista.espera(&lista.mascota(&format!("Espera{round}")).await, json!({ "hasta": "2026-03-02", "medico_id": agenda.soto })).await;
        trabajar(agenda).await;
        let mut wish = agenda.cita(&pets[0], &at);
        wish.as_object_mut().expect("an object").remove("mascota_id");
        let mut all: Vec<Jugada> = pets.iter().map(|pet| Jugada::post("book", "/citas/reservar", agenda.cita(pet, &at))).collect();
        all.extend((0..4).map(|_| Jugada::post("hold", "/citas/retener", wish.clone())));
        // Every other round the hour is free before anybody asks; in the others it becomes free meanwhile.
        let give_back = Jugada::delete("cancel", format!("/citas/{}?motivo=viaje", id(&cita)));
        if round % 2 == 0 {
            lista.anular(&cita).await;
        } else {
            all.insert(round % all.len(), give_back);
        }
        let (answers, ()) = tokio::join!(a_la_vez(&admin, &all), async {
            // Relay and worker look several times while the others ask.
            for _ in 0..4 {
                trabajar(agenda).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        let mut won = Vec::new();
        for (jugada, answer) in &answers {
            match (jugada.que, answer.status.as_u16()) {
                ("cancel", 200) => {}
                ("book" | "hold", 201) => won.push((jugada.que, id(&answer.body))),
                ("book" | "hold", 409) => assert_eq!(answer.body["type"], "/problemas/cita-traslape", "{}", answer.body),
                (que, status) => panic!("{que} in round {round}: {status} {}", answer.body),
            }
        }
        trabajar(agenda).await;
        let offer = lista.ofrecida(&espera).await;
        let here = format!(
            "select count(*) from citas where activa and medico_id = '{}' and ocupado_desde < '{at}-05:00'::timestamptz + interval '30 min'
                and ocupado_hasta > '{at}-05:00'::timestamptz",
            agenda.soto
        );
        assert_eq!(lista.contar(&here).await, 1, "round {round}: {won:?}, offered {offer:?}");
        // An offer of another hour (the day has many) takes nothing from this one.
        let mine = !offer.is_empty() && format!("{at}-05:00").parse::<jiff::Timestamp>().expect("a time") == offer.parse().expect("a time");
        assert_eq!(won.len() + usize::from(mine), 1, "round {round}: {won:?}, offered {offer:?}");
        offered += usize::from(mine);
        lista.recepcion.delete(&format!("/esperas/{espera}?motivo=fin")).await;
        for (que, winner) in won {
            if que == "book" {
                booked += 1;
                recepcion.delete(&format!("/citas/{winner}?motivo=fin")).await.ok();
            } else {
                held += 1;
                admin.delete(&format!("/retenciones/{winner}")).await.expect(204);
            }
        }
        trabajar(agenda).await;
        assert_eq!(lista.contar("select count(*) from citas where activa").await, 0, "round {round} leaves the agenda empty");
    }
    println!("{ROUNDS} rounds: {booked} booked, {held} held, {offered} offered");
    assert_eq!(booked + held + offered, ROUNDS);
    assert!(booked + held > 0 && offered > 0, "both ways to the hour were taken: {booked} {held} {offered}");
    assert_eq!(interbloqueos(&agenda.huella).await, 0);
}
