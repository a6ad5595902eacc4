//! What a code, a session and a network are good for.
use super::*;
use huella_tests::{afuera::cartas, costera};
use jiff::SignedDuration;

#[tokio::test]
async fn who_asks_for_a_code_cannot_tell_whom_the_chain_knows() {
    let publico = Publico::start(json!({})).await;
    publico.mascota("Ana", "Luna", "perro").await;
    let (known, unknown) = (publico.pedir(&publico.correo("Ana")).await, publico.pedir(&publico.correo("nadie")).await);
    assert_eq!((known.status, unknown.status), (reqwest::StatusCode::ACCEPTED, reqwest::StatusCode::ACCEPTED));
    let shape = |answer: &Respuesta| {
        let fields = answer.body.as_object().expect("an object");
        (fields.keys().cloned().collect::<Vec<_>>(), answer.bytes.len(), fields["vence_en"].clone())
    };
    assert_eq!(shape(&known), shape(&unknown));
    // Both get a letter, and nothing in it differs but the code.
    let (a, b) = (publico.codigo(&publico.correo("Ana")).await, publico.codigo(&publico.correo("nadie")).await);
    let body = |correo: &str, code: &str| {
        let carta = cartas(correo).pop().expect("a letter");
        [carta.subject, carta.text, carta.html].concat().replace(code, "")
    };
    assert!(body(&publico.correo("Ana"), &a).contains("10 minutos"));
    assert_eq!(body(&publico.correo("Ana"), &a), body(&publico.correo("nadie"), &b));
    // Neither address nor code can be read in the database.
    let kept: String = publico.agenda.huella.scalar("select string_agg(t::text, '') from autoreserva_sesiones t").await;
    let queued: String = publico.agenda.huella.scalar("select coalesce(string_agg(t::text, ''), '') from trabajos t").await;
    assert!(!kept.contains("tutores.example.pe") && !kept.contains(&a) && !queued.contains("tutores.example.pe"), "{kept} {queued}");
}

#[tokio::test]
async fn a_code_is_good_for_five_tries_ten_minutes_and_one_session() {
    let publico = Publico::start(json!({})).await;
    let correo = publico.correo("ana");
    let asked = publico.pedir(&correo).await.expect(202);
    let right = publico.codigo(&correo).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(publico.verificar(&asked["solicitud"], wrong).await.problem(422, "codigo-equivocado")["quedan"], left);
    }
    publico.verificar(&asked["solicitud"], &right).await.problem(410, "codigo-vencido");
    // Another one: over after ten minutes.
    let asked = publico.pedir(&correo).await.expect(202);
    let right = publico.codigo(&correo).await;
    publico.agenda.huella.avanzar(SignedDuration::from_mins(10));
    publico.verificar(&asked["solicitud"], &right).await.problem(410, "codigo-vencido");
    // And used once, also by two at once.
    let asked = publico.pedir(&correo).await.expect(202);
    let right = publico.codigo(&correo).await;
    let (a, b) = tokio::join!(publico.verificar(&asked["solicitud"], &right), publico.verificar(&asked["solicitud"], &right));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    // A session ends after half an hour.
    let sesion = if a.status == 200 { a.body } else { b.body }["sesion"].as_str().expect("a session").to_owned();
    publico.agenda.huella.avanzar(SignedDuration::from_mins(29));
    publico.post("/sesion", json!({ "sesion": sesion })).await.ok();
    publico.agenda.huella.avanzar(SignedDuration::from_mins(1));
    publico.post("/sesion", json!({ "sesion": sesion })).await.problem(410, "autoreserva-vencida");
    publico.retener(&sesion, "2026-03-02T10:00:00").await.problem(410, "autoreserva-vencida");
}

#[tokio::test]
async fn codes_are_counted_by_address_and_go_to_no_phone_without_a_channel() {
    let publico = Publico::start(json!({})).await;
    let correo = publico.correo("ana");
    // All at once, they are counted one by one.
    let asked = futures::future::join_all((0..8).map(|_| publico.pedir(&correo))).await;
    let (sent, refused): (Vec<_>, Vec<_>) = asked.iter().map(|answer| answer.status.as_u16()).partition(|status| *status == 202);
    assert_eq!((sent.len(), refused), (5, vec![429; 3]));
    let refused = publico.pedir(&correo.to_uppercase()).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(429, "demasiados-intentos");
    publico.pedir(&publico.correo("otra")).await.expect(202);
    publico.agenda.huella.avanzar(SignedDuration::from_mins(61));
    publico.pedir(&correo).await.expect(202);
    // A whole network: thirty an hour.
    for n in 0..29 {
        publico.pedir(&publico.correo(&format!("r{n}"))).await.expect(202);
    }
    publico.pedir(&publico.correo("r30")).await.problem(429, "demasiados-intentos");
    let by_phone = json!({ "canal": "telefono", "telefono": "987654321" });
    let refused = publico.post("/codigos", by_phone).await.problem(422, "canal-no-disponible");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("correo")), "it says what else there is: {refused}");
    assert_eq!(publico.nadie.get("/publico/andina").await.ok()["codigos_por"], json!(["correo"]));
    assert_eq!(publico.post("/codigos", json!({ "canal": "correo" })).await.wrong_fields(), ["/correo"]);
}

#[tokio::test]
async fn an_owner_and_a_network_have_so_many_bookings_and_no_more() {
    let publico = Publico::start(json!({ "abiertas_max": 2, "por_dia_max": 4 })).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    // One booked by the desk counts too, wherever it is.
    let admin = publico.agenda.huella.como(ADMIN).await;
    let desk = json!({ "sede_id": publico.agenda.cusco, "mascota_id": luna, "servicio_id": publico.agenda.consulta, "inicio": "2026-03-05T10:00:00-05:00" });
    admin.post("/citas/reservar", desk).await.created();
    let book = async |nombre: &str, at: &str, quien: Value| {
        let sesion = publico.entrar(&publico.correo(nombre)).await;
        publico.retener(&sesion, at).await.created();
        publico.confirmar(&sesion, quien).await
    };
    book("Ana", "2026-03-02T10:00:00", json!({ "mascota_id": luna })).await.created();
    book("Ana", "2026-03-02T11:00:00", json!({ "mascota_id": luna })).await.problem(409, "tope-de-reservas");
    // Two sessions at once do not pass it together either.
    let (one, two) = (publico.entrar(&publico.correo("nueva")).await, publico.entrar(&publico.correo("nueva")).await);
    let three = publico.entrar(&publico.correo("nueva")).await;
    for (sesion, at) in [(&one, "2026-03-02T12:00:00"), (&two, "2026-03-02T13:00:00"), (&three, "2026-03-02T14:00:00")] {
        publico.retener(sesion, at).await.created();
    }
    let quien = |mascota: &str| Publico::nuevo("Nueva", mascota);
    let (a, b, c) =
        tokio::join!(publico.confirmar(&one, quien("A")), publico.confirmar(&two, quien("B")), publico.confirmar(&three, quien("C")));
    let mut statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409], "{} {} {}", a.body, b.body, c.body);
    assert_eq!(publico.contar("select count(*) from tutores where origen = 'autoreserva'").await, 1, "one owner, not three");
    // Four a day from this network; three so far.
    book("Carla", "2026-03-02T15:00:00", quien("D")).await.created();
    book("Dina", "2026-03-02T16:00:00", quien("E")).await.problem(409, "tope-de-reservas");
    publico.agenda.huella.avanzar(SignedDuration::from_hours(25));
    book("Dina", "2026-03-03T16:00:00", quien("E")).await.created();
}

#[tokio::test]
async fn those_of_one_network_do_not_pass_its_cap_together() {
    let publico = Publico::start(json!({ "por_dia_max": 2 })).await;
    let mut sesiones = Vec::new();
    for (nombre, hora) in [("Ana", 10), ("Beto", 11), ("Carla", 12), ("Dina", 13)] {
        let sesion = publico.entrar(&publico.correo(nombre)).await;
        publico.retener(&sesion, &format!("2026-03-02T{hora}:00:00")).await.created();
        sesiones.push((nombre, sesion));
    }
    let all = sesiones.iter().map(|(nombre, sesion)| publico.confirmar(sesion, Publico::nuevo(nombre, "Toby")));
    let mut statuses: Vec<u16> = futures::future::join_all(all).await.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409, 409]);
}

#[tokio::test]
async fn secrets_of_one_chain_open_nothing_in_another() {
    let publico = Publico::start(json!({})).await;
    let sesion = publico.entrar(&publico.correo("ana")).await;
    let asked = publico.pedir(&publico.correo("ana")).await.expect(202);
    publico.nadie.post("/publico/costera/sesion", json!({ "sesion": sesion })).await.problem(404, "no-encontrado");
    let code = json!({ "solicitud": asked["solicitud"], "codigo": "123456" });
    publico.nadie.post("/publico/costera/codigos/verificar", code).await.problem(404, "no-encontrado");
    publico.nadie.get("/publico/ninguna").await.problem(404, "no-encontrado");
    // A chain that offers nothing takes no codes, and shows nothing of ours.
    let body = json!({ "canal": "correo", "correo": "a@b.example.pe" });
    publico.nadie.post("/publico/costera/codigos", body).await.problem(404, "no-encontrado");
    assert_eq!(publico.nadie.get("/publico/costera").await.ok()["sedes"], json!([]));
    let path = format!("/publico/costera/disponibilidad?sede_id={}&servicio_id={}", publico.agenda.lima, publico.agenda.consulta);
    publico.nadie.get(&path).await.problem(404, "no-encontrado");
    let other = publico.agenda.huella.como(costera::ADMIN).await;
    other.get(&format!("/sedes/{}/autoreserva", publico.agenda.lima)).await.problem(404, "no-encontrado");
    for enlace in ["hv_x", "ho_x", "hs_x"] {
        publico.nadie.get(&format!("/reservas/{enlace}")).await.problem(404, "no-encontrado");
    }
}

#[tokio::test]
async fn a_day_beyond_what_the_sede_opens_has_no_gaps_however_far_it_is() {
    let publico = Publico::start(json!({ "dias_max": 10 })).await;
    assert!(!publico.huecos("&desde=2026-03-11T13:00:00Z").await.is_empty());
    for desde in ["2026-03-12T14:00:00Z", "2036-03-02T13:00:00Z", "9999-12-30T21:59:59Z"] {
        assert_eq!(publico.huecos(&format!("&desde={desde}")).await, Vec::<serde_json::Value>::new(), "{desde}");
    }
}
