//! A chain's own words.
use super::Mundo;
use huella_tests::{andina::RECEPCION_LIMA, costera};
use serde_json::{Value, json};

fn propia() -> Value {
    json!({ "asunto": "{{ mascota }} en {{ cadena }}", "texto": "Hola {{ tutor }}: {{ fecha }}", "html": "<p>Hola {{ tutor }}: <i>{{ mascota }}</i></p>" })
}

const RESERVADA: &str = "/plantillas-correo/cita_reservada";

#[tokio::test]
async fn a_chain_writes_in_its_own_words_and_goes_back_to_the_platforms() {
    let mundo = Mundo::start().await;
    let before = mundo.admin().await.get(RESERVADA).await;
    let etag = before.etag();
    assert_eq!(before.ok()["propia"], false);
    let all = mundo.admin().await.get("/plantillas-correo").await.ok();
    assert!(all.as_array().expect("a list").iter().any(|one| one["tipo"] == "cita_anulada" && one["propia"] == false), "{all:#}");
    let written = mundo.admin().await.put_if(RESERVADA, &etag, propia()).await.ok();
    assert_eq!((written["propia"].as_bool(), &written["asunto"]), (Some(true), &propia()["asunto"]));
    mundo.admin().await.put_if(RESERVADA, &etag, propia()).await.problem(412, "version-cambiada");

    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let carta = familia.cartas().remove(0);
    assert_eq!(carta.subject, "Luna en Clínica Andina");
    assert!(carta.text.starts_with("Hola Rosa Núñez: martes 3 de marzo de 2026"), "{}", carta.text);
    assert!(
        carta.html.contains("<p>Hola Rosa Núñez: <i>Luna</i></p>") && carta.html.contains("Andina Lima"),
        "in its frame: {}",
        carta.html
    );
    // Another chain has its own.
    let ajena = mundo.huella.como(costera::ADMIN).await;
    assert_eq!(ajena.get(RESERVADA).await.ok()["propia"], false);

    mundo.admin().await.delete(RESERVADA).await.expect(204);
    mundo.admin().await.delete(RESERVADA).await.problem(404, "sin-plantilla-propia");
    assert_eq!(mundo.admin().await.get(RESERVADA).await.ok()["propia"], false);
    mundo.admin().await.put_if(RESERVADA, &etag, propia()).await.problem(412, "version-cambiada");
    mundo.anular(&cita).await;
    mundo.trabajar().await;
    assert_eq!(familia.asuntos()[1..], ["Se anuló la cita de Luna del martes 3 de marzo de 2026"]);
}

#[tokio::test]
async fn a_bad_template_is_refused_with_the_line_of_every_fault() {
    let mundo = Mundo::start().await;
    let bad = json!({ "asunto": "{{ mascota", "texto": "a\nb {{ secreto }}", "html": "<p>\n{{ mascota|safe }}</p>" });
    for path in [RESERVADA.to_owned(), format!("{RESERVADA}/vista-previa")] {
        let answer = if path == RESERVADA {
            mundo.admin().await.put(&path, bad.clone()).await
        } else {
            mundo.admin().await.post(&path, bad.clone()).await
        };
        let problem = answer.problem(422, "datos-invalidos");
        let told: Vec<String> =
            problem["errors"].as_array().expect("errors").iter().map(|e| format!("{} {}", e["pointer"], e["detail"])).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        for (pointer, line) in [("/asunto", "línea 1"), ("/texto", "línea 2: «secreto»"), ("/html", "línea 2: no existe ese filtro")] {
            assert!(told.iter().any(|one| one.contains(pointer) && one.contains(line)), "{pointer} {line}: {told:#?}");
        }
    }
    assert_eq!(mundo.admin().await.get(RESERVADA).await.ok()["propia"], false, "nothing was written");
    mundo.admin().await.get("/plantillas-correo/nada").await.problem(404, "no-encontrado");
    let recepcion = mundo.huella.como(RECEPCION_LIMA).await;
    recepcion.put(RESERVADA, propia()).await.problem(403, "sin-permiso");
    let shown = mundo.admin().await.post(&format!("{RESERVADA}/vista-previa"), propia()).await.ok();
    assert_eq!(shown["asunto"], "Luna en Clínica Andina");
    assert_eq!(
        mundo.admin().await.put("/ajustes/correos", json!({ "silencio_desde": "25:00", "recordatorio_horas": 0 })).await.wrong_fields(),
        ["/recordatorio_horas", "/silencio_desde"]
    );
}

/// What a person is called is neither markup nor a header, whoever wrote it and wherever it stands.
#[tokio::test]
async fn hostile_names_stay_names() {
    let mundo = Mundo::start().await;
    let name = "<img src=x onerror=alert(1)>\u{2028}{{ cadena }}";
    mundo.ajustar(json!({ "confirmaciones": true, "remitente": "Andina <x@y.pe>, \"z" })).await;
    let familia = mundo.familia(name).await;
    mundo
        .huella
        .execute(&format!(
            "update mascotas set nombre = E'Luna\\r\\nBcc: otra@example.pe\\r\\n\\r\\n' || nombre where id = '{}'",
            familia.mascota
        ))
        .await;
    mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let cartas = familia.cartas();
    assert_eq!(cartas.len(), 1);
    let (headers, _) = cartas[0].raw.split_once("\r\n\r\n").or_else(|| cartas[0].raw.split_once("\n\n")).expect("headers and a body");
    assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
    assert!(cartas[0].html.contains("&lt;img") && !cartas[0].html.contains("<img"), "{}", cartas[0].html);
    assert!(cartas[0].html.contains("{{ cadena }}"), "what it is called is no template: {}", cartas[0].html);
    assert_eq!(cartas[0].from, "Andina <x@y.pe>, \"z");
    assert!(huella_tests::afuera::cartas("otra@example.pe").is_empty());
}
