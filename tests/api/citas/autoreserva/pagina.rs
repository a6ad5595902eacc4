//! The page on which owners book: without a script as far as the list of times, and small with it.
use super::Publico;
use huella_tests::{Respuesta, cliente::send};
use reqwest::Method;
use serde_json::json;

async fn abre(publico: &Publico, path: &str) -> Respuesta {
    send(publico.nadie.request(Method::GET, &format!("/{path}"))).await
}

fn html(page: &Respuesta) -> String {
    String::from_utf8(page.bytes.clone()).expect("UTF-8")
}

/// Where the links of a page lead that hold this text.
fn enlaces(html: &str, part: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|link| link.replace("&amp;", "&")).filter(|link| link.contains(part)).collect()
}

#[tokio::test]
async fn service_day_and_time_without_a_script() {
    let publico = Publico::start(json!({ "servicios": [] , "activa": false })).await;
    let offers = super::oferta(&publico.agenda, json!({ "servicios": [publico.agenda.consulta, publico.agenda.eco] }));
    let admin = publico.agenda.huella.como(super::ADMIN).await;
    admin.put(&format!("/sedes/{}/autoreserva", publico.agenda.lima), offers).await.ok();
    let chain = abre(&publico, "/reservar/andina").await;
    assert_eq!(chain.status, 200);
    let sede = enlaces(&html(&chain), "/reservar/andina/").pop().expect("a sede");
    let first = abre(&publico, &sede).await;
    let services = enlaces(&html(&first), "servicio=");
    assert_eq!(services.len(), 2, "{}", html(&first));
    assert!(!html(&first).contains("<script"), "nothing to run before a time is chosen");
    let of_consulta = services.iter().find(|link| link.contains(&publico.agenda.consulta)).expect("the consultation");
    let days = abre(&publico, of_consulta).await;
    let hours = enlaces(&html(&days), "hora=");
    // The page offers what the API does, no more and no less.
    let by_api = publico.huecos("&limite=100").await;
    // Until midnight in Lima.
    let same_day: Vec<&str> =
        by_api.iter().filter_map(|one| one["inicio"].as_str()).filter(|inicio| *inicio < "2026-03-03T05:00:00Z").collect();
    let shown: Vec<&str> = hours.iter().filter_map(|link| link.split("hora=").nth(1)?.split('#').next()).collect();
    assert_eq!(shown, same_day);
    let chosen = abre(&publico, hours[0].split('#').next().expect("a path")).await;
    let text = html(&chosen);
    assert!(
        text.contains("id=\"paso-correo\"") && text.contains("<noscript>") && text.contains("Sus datos sirven para atenderle."),
        "{text}"
    );
    assert_eq!(text.matches("<script").count(), 1);
}

#[tokio::test]
async fn it_is_small_and_runs_its_own_script_only() {
    let publico = Publico::start(json!({})).await;
    let sede = enlaces(&html(&abre(&publico, "/reservar/andina").await), "/reservar/andina/").pop().expect("a sede");
    let hour = enlaces(&html(&abre(&publico, &sede).await), "hora=").remove(0);
    let page = abre(&publico, hour.split('#').next().expect("a path")).await;
    let policy = page.headers.get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default();
    for part in ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    let text = html(&page);
    assert!(!text.contains("style=") && !text.contains(" onclick") && !text.contains("<style"), "{text}");
    let script = text.split("<script src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a script").to_owned();
    let style = enlaces(&text, "reserva.css").pop().expect("a style");
    let (script, style) = (abre(&publico, &script).await, abre(&publico, &style).await);
    assert!(script.bytes.len() < 60_000 && script.bytes.len() + style.bytes.len() + page.bytes.len() < 60_000);
    for resource in [&script, &style] {
        assert_eq!(resource.status, 200);
        assert!(resource.headers["cache-control"].to_str().is_ok_and(|value| value.contains("immutable")));
    }
}

#[tokio::test]
async fn names_are_text_and_unknown_places_are_not_found() {
    let publico = Publico::start(json!({ "condiciones": "<script>alert(1)</script>", "instrucciones": "<b>x</b>" })).await;
    let sede = enlaces(&html(&abre(&publico, "/reservar/andina").await), "/reservar/andina/").pop().expect("a sede");
    let hour = enlaces(&html(&abre(&publico, &sede).await), "hora=").remove(0);
    let page = html(&abre(&publico, hour.split('#').next().expect("a path")).await);
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"), "{page}");
    for path in ["/reservar/no-hay", "/reservar/andina/no-hay", "/reservar/costera", "/reservar/-/hv_x/cita.ics"] {
        let answer = abre(&publico, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers["content-type"].to_str().ok()),
            (404, Some("text/html; charset=utf-8")),
            "{path}"
        );
    }
    // Whatever somebody writes into the address.
    for more in ["servicio=x", "dia=ayer", "dia=-9999-01-01", "hora=x", "medico=1", "dia=9999-12-31"] {
        let answer = abre(&publico, &format!("{sede}?{more}")).await;
        assert!(answer.status.is_success() || answer.status == 422, "{more}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_time_that_is_gone_is_told() {
    let publico = Publico::start(json!({})).await;
    let sede = enlaces(&html(&abre(&publico, "/reservar/andina").await), "/reservar/andina/").pop().expect("a sede");
    let page = html(&abre(&publico, &format!("{sede}?hora=2026-03-03T04:00:00Z")).await);
    assert!(page.contains("ya no está disponible") && !page.contains("paso-correo"), "{page}");
}

#[tokio::test]
async fn what_was_booked_goes_into_the_owners_calendar() {
    let publico = Publico::start(json!({})).await;
    let sesion = publico.entrar(&publico.correo("calendario")).await;
    publico.retener(&sesion, "2026-03-03T10:00:00").await.created();
    let hecha = publico.confirmar(&sesion, Publico::nuevo("Ana", "Toby")).await.created();
    let enlace = hecha["ruta"].as_str().and_then(|ruta| ruta.rsplit('/').next()).expect("a link").to_owned();
    let file = abre(&publico, &format!("/reservar/-/{enlace}/cita.ics")).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let text = html(&file);
    for part in ["METHOD:PUBLISH", "DTSTART:20260303T150000Z", "Toby"] {
        assert!(text.contains(part), "{text}");
    }
    publico.nadie.post(&format!("/reservas/{enlace}/anular"), json!({})).await.ok();
    assert_eq!(abre(&publico, &format!("/reservar/-/{enlace}/cita.ics")).await.status, 404);
}
