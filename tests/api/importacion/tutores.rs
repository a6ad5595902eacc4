//! Owners.
use super::{CLIENTES, Mudanza, outcome};
use calamine::{Reader, Xlsx};
use huella_tests::{andina::RECEPCION_LIMA, id};
use jiff::SignedDuration;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use server::trabajos::{relay, worker};
use std::io::Cursor;

/// As Excel in Peru saves it.
fn windows(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a letter of Windows-1252")).collect()
}

#[tokio::test]
async fn owners_come_in_as_if_they_were_typed() {
    let mudanza = Mudanza::start().await;
    let sent = mudanza.sends("tutores", windows(CLIENTES)).await.created();
    assert_eq!(
        (sent["separador"].as_str(), sent["codificacion"].as_str(), sent["filas"].as_i64()),
        (Some(";"), Some("windows-1252"), Some(3))
    );
    assert_eq!(sent["mapeo"]["columnas"]["nombre_completo"], "Apellidos y Nombres");
    let tried = mudanza.tried(&id(&sent)).await;
    assert_eq!((outcome(&tried), mudanza.count("tutores").await), (("probada", [3, 0, 0, 0]), 0), "a trial writes nothing");
    let done = mudanza.done(&id(&sent)).await;
    assert_eq!(outcome(&done), ("importada", [3, 0, 0, 0]));
    let recepcion = mudanza.huella.como(RECEPCION_LIMA).await;
    let jose: String = mudanza.huella.scalar("select id::text from tutores where nombres = 'José'").await;
    let jose = recepcion.get(&format!("/tutores/{jose}")).await.ok();
    assert_eq!((&jose["apellidos"], &jose["documento"]["numero"]), (&json!("Peña Ñahui"), &json!("01234567")));
    assert_eq!((&jose["telefono"], &jose["correo"]), (&json!("+51987654321"), &json!("jose@ejemplo.pe")));
    let company: Value = mudanza.huella.scalar("select to_jsonb(t) from tutores t where documento_tipo = 'ruc'").await;
    assert_eq!((&company["nombres"], &company["apellidos"]), (&json!("Veterinaria Amiga S.A.C."), &json!("")));
    let twice = json!({ "nombres": "Otra", "apellidos": "Persona", "documento": { "tipo": "dni", "numero": "01234567" } });
    mudanza.admin.post("/tutores", twice).await.problem(409, "tutor-ya-registrado");
    let kept: String = mudanza.huella.scalar("select string_agg(t::text, '') from tutores t").await;
    assert!(!kept.contains("1234567") && !kept.contains("jose@"), "what is personal is sealed");
    let audited: i64 = mudanza.huella.scalar("select count(*) from auditoria where accion = 'importar' and entidad = 'importacion'").await;
    assert_eq!(audited, 1, "one line for all of them");
}

#[tokio::test]
async fn the_same_file_again_makes_nothing_again() {
    let mudanza = Mudanza::start().await;
    mudanza.imported("tutores", CLIENTES).await;
    assert_eq!(outcome(&mudanza.imported("tutores", CLIENTES).await), ("importada", [0, 0, 3, 0]));
    // Without the old system's key they are known by what is said of them; and a person by document, or name and phone.
    let nameless = "Nombres;Apellidos;Telefono\nAna;Poma;911222333\nAna;Poma;911222333\nJosé;Peña Ñahui;987654321\n";
    assert_eq!(outcome(&mudanza.imported("tutores", nameless).await), ("importada", [1, 0, 2, 0]));
    assert_eq!(outcome(&mudanza.imported("tutores", nameless).await), ("importada", [0, 0, 3, 0]));
    let other_system = "Código;Nombres;Apellidos;DNI\nC1;Luis;Otro;10101010\n";
    let sent = mudanza.sent("tutores", other_system).await;
    let columnas = json!({ "clave": "Código", "nombres": "Nombres", "apellidos": "Apellidos", "documento": "DNI" });
    let datos = json!({ "mapeo": { "columnas": columnas }, "opciones": { "sistema": "otro" } });
    mudanza.admin.put(&format!("/importaciones/{sent}"), datos).await.ok();
    assert_eq!(outcome(&mudanza.done(&sent).await).1, [1, 0, 0, 0], "another system's C1 is somebody else");
    assert_eq!(mudanza.count("tutores").await, 5);
}

const MALOS: &str = "Nombres;Apellidos;DNI;Celular\n\
    Ana;Poma;123;12\n\
    Luis;;44444444;\n\
    Rosa;Quispe;55555555;987654321\n\
    Otra;Persona;55555555;\n";

#[tokio::test]
async fn every_fault_is_named_and_comes_back_to_be_mended() {
    let mudanza = Mudanza::start().await;
    let sent = mudanza.sent("tutores", MALOS).await;
    assert_eq!(outcome(&mudanza.tried(&sent).await), ("probada", [1, 0, 0, 3]));
    assert_eq!(outcome(&mudanza.done(&sent).await), ("importada", [1, 0, 0, 3]), "what is right comes in");
    let faults = mudanza.faults(&sent).await;
    let places: Vec<(i64, &str)> = faults.iter().map(|(row, column, _)| (*row, column.as_str())).collect();
    assert_eq!(places, [(2, "Celular"), (2, "DNI"), (3, "Apellidos"), (5, "DNI")], "{faults:?}");
    let answer = mudanza.admin.get(&format!("/importaciones/{sent}/archivo-errores")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(answer.bytes).expect("UTF-8");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!((lines[0], lines.len()), ("Nombres;Apellidos;DNI;Celular;error", 4));
    assert!(lines[1].starts_with("Ana;Poma;123;12;") && lines[1].contains("DNI: un DNI tiene 8 dígitos"), "{}", lines[1]);
    let mended = text
        .replace("Ana;Poma;123;12", "Ana;Poma;12345678;987111222")
        .replace("Luis;;", "Luis;Soto;")
        .replace("Persona;55555555", "Persona;66666666");
    assert_eq!(outcome(&mudanza.imported("tutores", mended).await), ("importada", [3, 0, 0, 0]));
    assert_eq!(mudanza.count("tutores").await, 4);
}

#[tokio::test]
async fn what_known_owners_lack_is_filled_in_if_asked_and_emptied_with_it() {
    let mudanza = Mudanza::start().await;
    let known =
        json!({ "nombres": "Ana", "apellidos": "Poma", "documento": { "tipo": "dni", "numero": "12345678" }, "telefono": "987654321" });
    let known = id(&mudanza.admin.post("/tutores", known).await.created());
    let file = "Nombres;Apellidos;DNI;Celular;Correo\nAna;Poma;12345678;911111111;ana@ejemplo.pe\n";
    assert_eq!(outcome(&mudanza.imported("tutores", file).await).1, [0, 0, 1, 0]);
    let again = mudanza.sent("tutores", file).await;
    let mapeo = mudanza.admin.get(&format!("/importaciones/{again}")).await.ok()["mapeo"].clone();
    mudanza.admin.put(&format!("/importaciones/{again}"), json!({ "mapeo": mapeo, "opciones": { "existentes": "completar" } })).await.ok();
    assert_eq!(outcome(&mudanza.tried(&again).await), ("probada", [0, 1, 0, 0]));
    assert_eq!(outcome(&mudanza.done(&again).await), ("importada", [0, 1, 0, 0]));
    let path = format!("/tutores/{known}");
    let ana = mudanza.admin.get(&path).await.ok();
    assert_eq!((&ana["telefono"], &ana["correo"]), (&json!("+51987654321"), &json!("ana@ejemplo.pe")), "what was there stays");
    mudanza.admin.delete(&format!("/importaciones/{again}")).await.expect(202);
    mudanza.works().await;
    let ana = mudanza.admin.get(&path).await.ok();
    assert_eq!((&ana["telefono"], &ana["correo"]), (&json!("+51987654321"), &Value::Null));
}

#[tokio::test]
async fn a_workbook_comes_in_and_its_faults_go_out_as_one() {
    let mudanza = Mudanza::start().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["First Name", "Last Name", "Document Number"]).expect("written");
    sheet.write_row(1, 0, ["Ana", "Poma"]).expect("written");
    sheet.write_number(1, 2, 44_556_677).expect("written");
    // Excel has eaten the zero of 01234567.
    sheet.write_row(2, 0, ["Luis", "Soto"]).expect("written");
    sheet.write_number(2, 2, 1_234_567).expect("written");
    let done = mudanza.imported("tutores", book.save_to_buffer().expect("a workbook")).await;
    assert_eq!(outcome(&done), ("importada", [1, 0, 0, 1]));
    let answer = mudanza.admin.get(&format!("/importaciones/{}/archivo-errores", id(&done))).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(rows[0], ["First Name", "Last Name", "Document Number", "error"]);
    assert_eq!(rows[1][..3], ["Luis", "Soto", "1234567"]);
    assert!(rows[1][3].contains("8 dígitos"), "{:?}", rows[1]);
}

#[tokio::test]
async fn a_file_that_is_none_and_columns_that_are_none_are_refused() {
    let mudanza = Mudanza::start().await;
    for bytes in [b"".to_vec(), b"solo titulos;sin filas\n".to_vec(), b"PK\x03\x04nada".to_vec(), vec![0; 100]] {
        mudanza.sends("tutores", bytes).await.problem(422, "archivo-ilegible");
    }
    let sent = mudanza.sent("tutores", "a;b\n1;2\n").await;
    let lacks = mudanza.admin.post(&format!("/importaciones/{sent}/prueba"), json!({})).await.problem(422, "datos-invalidos");
    assert!(lacks["errors"][0]["detail"].as_str().is_some_and(|detail| detail.contains("nombres o nombre_completo")), "{lacks:#}");
    let datos = json!({ "mapeo": { "columnas": { "nombres": "c", "kg": "a" } }, "opciones": {} });
    let wrong = mudanza.admin.put(&format!("/importaciones/{sent}"), datos).await.problem(422, "datos-invalidos");
    let pointers: Vec<&str> = wrong["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/mapeo/columnas/kg", "/mapeo/columnas/nombres"]);
    let datos = json!({ "mapeo": { "columnas": { "nombres": "a", "apellidos": "b" } }, "opciones": {} });
    mudanza.admin.put(&format!("/importaciones/{sent}"), datos).await.ok();
    assert_eq!(outcome(&mudanza.done(&sent).await).1, [1, 0, 0, 0]);
    // The next file with these titles is read as this one was.
    let next = mudanza.sends("tutores", "a;b\n3;4\n").await.created();
    assert_eq!(next["mapeo"]["columnas"], json!({ "apellidos": "b", "nombres": "a" }));
}

/// Rows whose titles say what they are.
fn many(count: usize) -> String {
    let rows = (0..count).map(|number| format!("K{number};Nombre{number};Apellido{number};9{number:08}\n"));
    std::iter::once("Código;Nombres;Apellidos;Celular\n".to_owned()).chain(rows).collect()
}

#[tokio::test]
async fn a_worker_that_dies_goes_on_where_it_was() {
    let mudanza = Mudanza::start().await;
    let sent = mudanza.sent("tutores", many(1_200)).await;
    // As a machine that goes down in the middle of the second portion: all that it wrote of it is lost.
    mudanza
        .huella
        .execute(
            "create function cae() returns trigger language plpgsql as $$ begin
               if new.fila > 700 then raise exception 'se cayó'; end if; return new; end $$;
             create trigger cae before insert on importaciones_registros for each row execute function cae()",
        )
        .await;
    mudanza.admin.post(&format!("/importaciones/{sent}/ejecucion"), json!({})).await.expect(202);
    assert_eq!(worker::work_once(&mudanza.huella.parts).await.expect("worked").failed, 1);
    let half = mudanza.admin.get(&format!("/importaciones/{sent}")).await.ok();
    assert_eq!((half["estado"].as_str(), half["hechas"].as_i64(), mudanza.count("tutores").await), (Some("importando"), Some(500), 500));
    mudanza.huella.execute("drop function cae cascade").await;
    mudanza.huella.avanzar(SignedDuration::from_mins(5));
    mudanza.works().await;
    let done = mudanza.admin.get(&format!("/importaciones/{sent}")).await.ok();
    assert_eq!((outcome(&done), mudanza.count("tutores").await), (("importada", [1_200, 0, 0, 0]), 1_200));
    // Screens that watch have heard of every portion.
    relay(&mudanza.huella.parts).await.expect("relayed");
    let told: Vec<String> = sqlx::query_scalar("select tema from eventos where tema like 'importacion.%' order by numero")
        .fetch_all(&mudanza.huella.sql)
        .await
        .expect("events");
    assert_eq!(told, ["importacion.avanzada", "importacion.avanzada", "importacion.terminada"]);
}

#[tokio::test]
async fn a_file_is_sent_once_however_often_it_is_repeated() {
    let mudanza = Mudanza::start().await;
    let send = async || {
        let request = mudanza.admin.request(reqwest::Method::POST, "/importaciones?tipo=tutores&nombre=a.csv");
        huella_tests::cliente::send(request.header("Idempotency-Key", "una-vez").body(CLIENTES)).await.created()
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((id(&first), mudanza.count("importaciones").await), (id(&second), 1));
}

#[tokio::test]
async fn a_file_is_forgotten_after_a_month_and_what_it_brought_stays() {
    let mudanza = Mudanza::start().await;
    let done = mudanza.imported("tutores", CLIENTES).await;
    mudanza.huella.avanzar(SignedDuration::from_hours(31 * 24));
    mudanza.works().await;
    let mudanza = Mudanza { admin: mudanza.huella.como(huella_tests::andina::ADMIN).await, ..mudanza };
    let later = mudanza.admin.get(&format!("/importaciones/{}", id(&done))).await.ok();
    assert_eq!((later["archivada"].as_bool(), mudanza.count("tutores").await), (Some(true), 3));
    mudanza.admin.get(&format!("/importaciones/{}/archivo-errores", id(&done))).await.problem(410, "archivo-borrado");
    mudanza.admin.delete(&format!("/importaciones/{}", id(&done))).await.expect(202);
    mudanza.works().await;
    assert_eq!(mudanza.count("tutores").await, 0, "and can still be taken back");
}
