//! Several servers, many screens, and the end of an answer.
use super::{Agenda, Pantalla, Trabajos, redis};
use huella_tests::{
    Cliente, Modo,
    andina::{ADMIN, RECEPCION_LIMA},
    id,
};
use serde_json::json;
use std::time::{Duration, Instant};

/// Booked at one server, heard at the other; the one that books has no relay.
async fn across(modo: Modo, limit: Duration) {
    let agenda = Agenda::callada_with(modo).await;
    let other = agenda.huella.otra_instancia().await;
    let (_here, _there) = (Trabajos::of(&agenda.huella, false), Trabajos::of(&other, true));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let (mut far, mut near) = (Pantalla::lista(&there, &agenda.lima).await, Pantalla::lista(&recepcion, &agenda.lima).await);
    let mut took = Vec::new();
    for number in 0..10 {
        let cita = agenda.reservar(&recepcion, number).await;
        let began = Instant::now();
        for pantalla in [&mut far, &mut near] {
            while pantalla.next().await.data["cuerpo"]["id"] != json!(cita) {}
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    println!("from a booking to screens of two servers: median {:?}, longest {:?}", took[5], took[9]);
    assert!(took[9] < limit, "{took:?}");
}

#[tokio::test]
async fn over_redis_a_screen_at_another_server_hears_at_once() {
    across(redis(), Duration::from_millis(900)).await;
}

#[tokio::test]
async fn without_a_bus_a_screen_at_another_server_hears_a_moment_later() {
    across(Modo::default(), Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_the_answer() {
    let agenda = Agenda::callada().await;
    let huella = &agenda.huella;
    let other = huella.otra_instancia().await;
    let admin = huella.como(ADMIN).await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let key = json!({ "nombre": "Tablero", "permisos": ["cita.ver"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", key).await.created();
    let tablero = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let mut open = [
        Pantalla::lista(&recepcion, &agenda.lima).await,
        Pantalla::lista(&there, &agenda.lima).await,
        Pantalla::lista(&tablero, &agenda.lima).await,
    ];
    let usuario = huella.id_of("andina", "usuarios", "nombres", "Rosa").await;
    let asignacion: String = huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{usuario}'")).await;
    let began = Instant::now();
    admin.delete(&format!("/asignaciones/{asignacion}")).await.expect(204);
    admin.delete(&format!("/claves-api/{}", id(&key))).await.expect(204);
    for pantalla in &mut open {
        assert!(pantalla.maybe().await.is_none(), "it ended");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(huella.parts.eventos.oyentes() + other.parts.eventos.oyentes(), 0);
}

#[tokio::test]
async fn who_does_not_read_is_let_go() {
    let agenda = Agenda::callada().await;
    let huella = &agenda.huella;
    let _trabajos = Trabajos::of(huella, true);
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let mut asleep = Pantalla::lista(&recepcion, &agenda.lima).await;
    let mut awake = Pantalla::lista(&recepcion, &agenda.lima).await;
    let fat = format!(
        "insert into outbox (tenant_id, sede_id, tema, cuerpo, creado_en, proximo_en)
         select tenant_id, id, 'cita.cambiada', jsonb_build_object('n', n, 'relleno', repeat('x', 40000)), '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z'
           from sedes, generate_series(1, 900) n where id = '{}'",
        agenda.lima
    );
    huella.execute(&fat).await;
    huella.parts.app.outbox().notify_one();
    let mut heard = 0;
    while heard < 900 {
        heard = awake.next().await.data["cuerpo"]["n"].as_i64().unwrap_or(heard);
    }
    let mut last = 0;
    while let Some(event) = asleep.maybe().await {
        last = event.data["cuerpo"]["n"].as_i64().unwrap_or(last);
    }
    assert!(last < 900, "it was let go before the end");
}

#[tokio::test]
async fn a_server_that_ends_ends_its_answers() {
    let agenda = Agenda::callada().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let router = agenda.huella.parts.router(&server::http::HttpSettings { oyentes_max: 1, ..server::http::HttpSettings::default() });
    let serving = tokio::spawn(server::http::serve(listener, router, async move { drop(ended.await) }));
    let recepcion = Cliente { base, ..agenda.huella.como(RECEPCION_LIMA).await };
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    // One more is one too many,
    let refused = recepcion.get(&format!("/eventos?sede_id={}", agenda.lima)).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(503, "no-disponible");
    let began = Instant::now();
    end.send(()).expect("still serving");
    assert!(pantalla.maybe().await.is_none());
    serving.await.expect("ended").expect("without a fault");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// How long until the last of many screens knows, from before the booking is sent. Half of them at each of two servers.
/// `HUELLA_PANTALLAS=500` for the full figure, with an optimised build.
#[tokio::test(flavor = "multi_thread")]
async fn many_screens_of_two_servers_hear_of_a_booking_soon() {
    let many: usize = std::env::var("HUELLA_PANTALLAS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    const BOOKINGS: u32 = 12;
    let agenda = Agenda::callada_with(redis()).await;
    let other = agenda.huella.otra_instancia().await;
    let (_here, _there) = (Trabajos::of(&agenda.huella, true), Trabajos::of(&other, true));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let mut screens = Vec::new();
    for number in 0..many {
        let mut pantalla = Pantalla::lista(if number % 2 == 0 { &recepcion } else { &there }, &agenda.lima).await;
        screens.push(tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.len() < BOOKINGS as usize {
                let event = pantalla.next().await;
                if event.event == "cita.reservada" {
                    heard.push((event.data["cuerpo"]["id"].as_str().expect("an id").to_owned(), Instant::now()));
                }
            }
            heard
        }));
    }
    let mut sent = std::collections::HashMap::new();
    for number in 0..BOOKINGS {
        let began = Instant::now();
        sent.insert(agenda.reservar(&recepcion, number).await, began);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut took = Vec::new();
    for screen in screens {
        let heard = screen.await.expect("it heard all");
        took.extend(heard.iter().map(|(cita, at)| at.duration_since(sent[cita])));
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    println!("{many} screens of two servers: median {:?}, p99 {p99:?}", took[took.len() / 2]);
    assert_eq!(took.len(), many * BOOKINGS as usize);
    assert!(p99 < Duration::from_secs(2), "{p99:?}");
}
