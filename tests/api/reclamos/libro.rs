//! The page, its numbers, and what it refuses.
use super::{CUSCO, LIMA, abre, con, correo, deja, destino, envia, hoja, html, navegador, rehusado, trabajar, valor};
use huella_tests::{Huella, afuera::cartas, andina::ADMIN};
use jiff::SignedDuration;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_sheet_is_left_without_a_script_and_copied_at_once() {
    let huella = Huella::start().await;
    let (rosa, ana) = (navegador(&huella, 1), correo("ana"));
    let chain = html(&abre(&rosa, "/libro-de-reclamaciones/andina").await);
    assert!(chain.contains(&format!("href=\"{LIMA}\"")) && chain.contains(&format!("href=\"{CUSCO}\"")), "{chain}");
    let form = abre(&rosa, LIMA).await;
    let policy = form.headers["content-security-policy"].to_str().expect("text").to_owned();
    assert_eq!(policy, "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    assert_eq!(form.headers["cache-control"], "no-store");
    let text = html(&form);
    for part in ["RUC 20131312955", "Andina Prueba S.A.C.", "quince (15) días hábiles", "INDECOPI"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script") && !text.contains("style="), "{text}");
    let sheet = deja(&rosa, LIMA, hoja("40302010", &ana)).await;
    let page = html(&abre(&rosa, &sheet).await);
    for part in
        ["00000001-2026", "Anastasia Pomacocha", "40302010", "+51987654321", &ana, "S/ 80.00", "23 de marzo de 2026", "&lt;b&gt;de pie"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<b>de pie"), "what people write is text");
    trabajar(&huella).await;
    let copy = cartas(&ana).pop().expect("a copy by e-mail");
    assert_eq!(copy.subject, "Su reclamo 00000001-2026 quedó en el Libro de Reclamaciones");
    for part in ["Detalle: Esperé dos horas", "RUC 20131312955", "23 de marzo de 2026", &sheet] {
        assert!(copy.text.contains(part), "{part} in {}", copy.text);
    }
    let plain =
        "select count(*) from reclamos r where r::text ilike '%pomacocha%' or r::text like '%40302010%' or r::text like '%consumidores%'";
    assert_eq!(huella.scalar::<i64>(plain).await, 0, "what a consumer wrote is sealed");
    let audited = "select count(*) from auditoria where entidad = 'reclamo' and accion = 'presentar' and actor_tipo = 'anonimo' and despues::text not ilike '%pomacocha%'";
    assert_eq!(huella.scalar::<i64>(audited).await, 1);
    assert_eq!(huella.scalar::<i64>("select count(*) from eventos where tema = 'reclamo.presentado'").await, 1);
}

#[tokio::test]
async fn everything_wrong_is_told_and_nothing_that_was_written_is_lost() {
    let huella = Huella::start().await;
    let rosa = navegador(&huella, 1);
    let wrong = con(con(con(hoja("12", "no es"), "monto", "mucho"), "tipo", ""), "nombre", "\"><script>x</script>");
    let answer = envia(&rosa, LIMA, &wrong).await;
    assert_eq!(answer.status, 422);
    let page = html(&answer);
    for campo in ["tipo", "documento", "correo", "monto"] {
        assert!(page.contains(&format!("id=\"falta-{campo}\"")), "{campo} in {page}");
    }
    assert!(!page.contains("id=\"falta-detalle\"") && page.contains("dos horas &lt;b&gt;de pie"), "{page}");
    assert!(!page.contains("<script>x") && valor(&page, "monto") == "mucho", "{page}");
    let unreachable = con(con(hoja("40302010", ""), "domicilio", " "), "correo", "");
    assert!(html(&envia(&rosa, LIMA, &unreachable).await).contains("id=\"falta-correo\""), "nobody can be answered nowhere");
    let by_letter = deja(&rosa, LIMA, hoja("40302010", "")).await;
    assert!(html(&abre(&rosa, &by_letter).await).contains("00000001-2026"), "what was refused took no number");
    let json = huella.nadie().post(&format!("/{LIMA}"), serde_json::json!({})).await;
    assert_eq!(json.status, 415);
    assert_eq!(huella.scalar::<i64>("select count(*) from reclamos").await, 1);
}

#[tokio::test]
async fn sent_twice_it_is_one_sheet_and_the_next_consumer_is_never_shown_it() {
    let huella = Huella::start().await;
    let tablet = navegador(&huella, 1);
    let enlace = valor(&html(&abre(&tablet, LIMA).await), "enlace");
    let first = con(hoja("40302010", ""), "enlace", &enlace);
    let once = destino(&envia(&tablet, LIMA, &first).await);
    assert_eq!(destino(&envia(&tablet, LIMA, &first).await), once);
    let twice = destino(&envia(&tablet, LIMA, &con(hoja("41414141", ""), "enlace", &enlace)).await);
    assert_ne!(twice, once);
    assert!(html(&abre(&tablet, &twice).await).contains("41414141"));
    // Links that are nobody's: made up, and of another chain.
    let invented = destino(&envia(&tablet, LIMA, &con(hoja("42424242", ""), "enlace", "hl_x")).await);
    assert!(html(&abre(&tablet, &invented).await).contains("42424242"));
    assert_eq!(huella.scalar::<i64>("select count(*) from reclamos").await, 3);
}

#[tokio::test]
async fn numbers_have_no_gap_however_many_write_at_once() {
    let huella = Huella::start().await;
    let mut leaving = tokio::task::JoinSet::new();
    for last in 1..=16_u8 {
        let (one, path) = (navegador(&huella, last), if last % 4 == 0 { CUSCO } else { LIMA });
        leaving.spawn(async move {
            let answer = envia(&one, path, &hoja(&format!("4030{last:04}"), "")).await;
            (path, destino(&answer), one)
        });
    }
    let mut numbers: BTreeSet<String> = BTreeSet::new();
    while let Some(left) = leaving.join_next().await {
        let (path, sheet, one) = left.expect("left");
        let page = html(&abre(&one, &sheet).await);
        let number = page.split("N.º ").nth(1).and_then(|rest| rest.split('<').next()).expect("a number").to_owned();
        numbers.insert(format!("{path} {number}"));
    }
    let all = (1..=12).map(|n| format!("{LIMA} {n:08}-2026")).chain((1..=4).map(|n| format!("{CUSCO} {n:08}-2026")));
    assert_eq!(numbers, all.collect());
}

#[tokio::test]
async fn the_database_keeps_the_numbers_and_the_sheets() {
    let huella = Huella::start().await;
    let rosa = navegador(&huella, 1);
    deja(&rosa, LIMA, hoja("40302010", "")).await;
    let copy = |numero: &str| {
        format!(
            "insert into reclamos (id, sede_id, anio, numero, tipo, presentado_en, fecha, vence_el, aviso_el, aviso_final_el, proveedor, hoja_cifrada, documento_indice)
             select gen_random_uuid(), sede_id, anio, {numero}, tipo, presentado_en, fecha, vence_el, aviso_el, aviso_final_el, proveedor, hoja_cifrada, documento_indice from reclamos"
        )
    };
    assert!(rehusado(&huella, &copy("3")).await.contains("falta la hoja anterior"), "a gap");
    assert!(rehusado(&huella, &copy("1")).await.contains("duplicate key"), "twice the same");
    assert_eq!(rehusado(&huella, &copy("2")).await, "", "the next one");
    assert!(rehusado(&huella, "delete from reclamos").await.contains("permission denied"));
    assert!(rehusado(&huella, "update reclamos set numero = 7").await.contains("permission denied"));
    assert!(rehusado(&huella, "update reclamos set hoja_cifrada = ''").await.contains("permission denied"));
    // One that is taken back takes its number along.
    let gone = format!("{}; select 1 / 0", copy("null"));
    assert!(rehusado(&huella, &gone).await.contains("division by zero"));
    deja(&rosa, LIMA, hoja("41414141", "")).await;
    assert_eq!(huella.scalar::<i64>("select max(numero)::bigint from reclamos").await, 3);
    // Another year begins anew, by the day of the sede.
    huella.avanzar(SignedDuration::from_hours(24 * 304 + 15));
    let new_year = deja(&rosa, LIMA, hoja("42424242", "")).await;
    assert!(html(&abre(&rosa, &new_year).await).contains("00000004-2026"), "still New Year's Eve in Lima");
    huella.avanzar(SignedDuration::from_hours(2));
    let new_year = deja(&rosa, LIMA, hoja("43434343", "")).await;
    assert!(html(&abre(&rosa, &new_year).await).contains("00000001-2027"));
}

#[tokio::test]
async fn who_leaves_sheet_after_sheet_is_told_to_wait() {
    let huella = Huella::start().await;
    let (one, other) = (navegador(&huella, 1), navegador(&huella, 2));
    for n in 0..10 {
        deja(&one, LIMA, hoja(&format!("4030{n:04}"), "")).await;
    }
    let refused = envia(&one, LIMA, &hoja("49999999", "")).await;
    assert_eq!((refused.status.as_u16(), refused.headers["retry-after"].to_str().ok()), (429, Some("3600")));
    assert!(html(&refused).contains("Libro de Reclamaciones en la sede"), "another way is told");
    deja(&other, LIMA, hoja("49999999", "")).await;
    huella.avanzar(SignedDuration::from_mins(61));
    deja(&one, LIMA, hoja("49999998", "")).await;
    // Nobody's mailbox is filled either.
    let target = correo("blanco");
    for last in 10..15 {
        deja(&navegador(&huella, last), LIMA, hoja(&format!("4130{last:04}"), &target)).await;
    }
    assert_eq!(envia(&navegador(&huella, 15), LIMA, &hoja("41300015", &target)).await.status, 429);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let huella = Huella::start().await;
    let rosa = navegador(&huella, 1);
    let sheet = deja(&rosa, LIMA, hoja("40302010", "")).await;
    let mut other = sheet.clone();
    let last = if other.pop() == Some('A') { 'E' } else { 'A' };
    other.push(last);
    for path in ["/libro-de-reclamaciones/no-hay", "/libro-de-reclamaciones/andina/no-hay", "/libro-de-reclamaciones/-/hl_x", &other] {
        let answer = abre(&rosa, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers["content-type"].to_str().ok()),
            (404, Some("text/html; charset=utf-8")),
            "{path}"
        );
    }
    assert_eq!(abre(&rosa, "/libro-de-reclamaciones/andina/a/b").await.status, 404, "and never the portal");
    let style = html(&abre(&rosa, LIMA).await);
    let style = style.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a style");
    let style = abre(&rosa, style).await;
    assert!(style.status == 200 && style.headers["cache-control"].to_str().is_ok_and(|value| value.contains("immutable")));
    // A sede that closed for good keeps its sheets and takes no more.
    huella.execute("update sedes set activa = false where codigo = 'LIM'").await;
    assert_eq!(envia(&rosa, LIMA, &hoja("41414141", "")).await.status, 404);
    assert_eq!(abre(&rosa, &sheet).await.status, 200);
    assert_eq!(huella.como(ADMIN).await.get("/reclamos").await.ok()["items"].as_array().map(Vec::len), Some(1));
}
