//! Every list of the published document as a file: in both formats, for who may take it out, and told once in the audit.
use super::{
    clave,
    mundo::{Mundo, operations},
};
use huella_tests::{Huella, andina};
use reqwest::header;

const FORMATOS: [(&str, &str); 2] =
    [("csv", "text/csv; charset=utf-8"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")];

async fn told(huella: &Huella) -> i64 {
    huella.scalar("select count(*) from auditoria where accion = 'exportar' and entidad = 'lista'").await
}

#[tokio::test]
async fn every_list_is_a_file_for_who_may_take_it_out_and_is_told_once() {
    let mundo = Mundo::start().await;
    let huella = &mundo.huella;
    let admin = huella.como(andina::ADMIN).await;
    let catalogue = admin.get("/permisos").await.ok();
    let all = catalogue.as_array().expect("a list").iter().filter_map(|permiso| permiso["clave"].as_str());
    let others: Vec<&str> = all.filter(|permiso| *permiso != "datos.exportar").collect();
    let key = clave(&admin, &others).await;
    let looker = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let (mut lists, mut rows) = (0, 0);
    for operation in operations(&mundo.document).into_iter().filter(|operation| operation.lista) {
        lists += 1;
        let mut path = mundo.path(&operation);
        if operation.template == "/citas" {
            // Of somebody or of somewhere.
            path = format!("{path}&sede_id={}", mundo.ids["sede"]);
        }
        for (formato, media_type) in FORMATOS {
            let path = format!("{path}{}formato={formato}", if path.contains('?') { '&' } else { '?' });
            let before = told(huella).await;
            looker.get(&path).await.problem(403, "sin-permiso");
            assert_eq!(told(huella).await, before, "{}: nothing was taken out", operation.name());
            let file = admin.get(&path).await;
            assert_eq!(file.status, 200, "{} as {formato}: {}", operation.name(), file.body);
            assert_eq!(file.headers[header::CONTENT_TYPE], media_type, "{}", operation.name());
            assert_eq!(told(huella).await, before + 1, "{} as {formato}", operation.name());
            let filas: usize = file.headers["x-filas"].to_str().ok().and_then(|filas| filas.parse().ok()).expect("a number of rows");
            let whole = if formato == "csv" { csv_rows(&file.bytes) == filas } else { file.bytes.starts_with(b"PK") };
            assert!(whole, "{} as {formato}: {filas} rows", operation.name());
            rows += filas;
        }
    }
    assert!(lists > 75 && rows > 200, "{lists} lists with {rows} rows");
}

/// Rows below the titles, of which there is at least one.
fn csv_rows(file: &[u8]) -> usize {
    let text = file.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(text);
    assert!(!reader.headers().expect("titles").is_empty());
    reader.records().collect::<Result<Vec<_>, _>>().expect("rows").len()
}
