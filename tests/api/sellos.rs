//! The audit's chain outside of the database: in a mailbox that the chain chose, and in a file that anybody can verify.
use huella_tests::{Casa, Huella, afuera::cartas, andina::ADMIN, costera};
use jiff::SignedDuration;
use kernel::{SystemCtx, ids::TenantId};
use serde_json::json;
use server::{
    auditoria::{self, Ancla, Break, verificar},
    portable,
    trabajos::worker,
};
use std::io::{Cursor, Read};
use uuid::Uuid;

/// The end of the chain `andina`, as a letter has it.
const FINAL: &str = "select encode(e.resumen, 'hex') || '@' || e.numero from auditoria_eslabones e join tenants t on t.id = e.tenant_id
                      where t.clave = 'andina' order by e.numero desc limit 1";

async fn seal_all(system: &SystemCtx) {
    while auditoria::seal(system).await.expect("sealed").more {}
}

/// All of the chain `andina` in one file.
async fn exported(huella: &Huella) -> Vec<u8> {
    let tenant = TenantId(huella.scalar::<Uuid>("select id from tenants where clave = 'andina'").await);
    let system = huella.parts.system();
    let mut done = portable::exportar(&system, tenant, ("andina", "Clínica Andina"), &mut |_, _| {}).await.expect("exported");
    let links: i64 = huella.scalar(&format!("select count(*) from auditoria_eslabones where tenant_id = '{tenant}'")).await;
    assert_eq!(done.manifiesto.sellos.map(|sellos| sellos.eslabones), Some(links as u64));
    let mut bytes = Vec::new();
    done.archivo.read_to_end(&mut bytes).expect("read");
    bytes
}

#[tokio::test]
async fn the_end_of_a_chain_goes_once_a_day_to_whom_the_chain_chose() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    seal_all(&system).await;
    let mail = async || auditoria::mail(&system).await.expect("asked for");
    let work = async || while worker::work_once(&huella.parts).await.expect("worked").done > 0 {};
    assert_eq!(mail().await, 0, "nobody was chosen");
    let estudio = format!("c{}@estudio.example", Uuid::now_v7().simple());
    let admin = huella.como(ADMIN).await;
    assert_eq!(admin.put("/ajustes/correos", json!({ "anclas_a": "nadie" })).await.wrong_fields(), ["/anclas_a"]);
    assert_eq!(admin.put("/ajustes/correos", json!({ "anclas_a": estudio })).await.ok()["anclas_a"], json!(estudio));
    assert!(huella.como(costera::ADMIN).await.get("/ajustes/correos").await.ok()["anclas_a"].is_null(), "each chain its own");

    let end: String = huella.scalar(FINAL).await;
    assert_eq!(mail().await, 1);
    assert_eq!(mail().await, 0, "it waits already");
    work().await;
    let letters = cartas(&estudio);
    assert!(letters.len() == 1 && letters[0].subject.starts_with("Clínica Andina: sello de la auditoría"), "{letters:?}");
    assert!(letters[0].text.contains(&end) && letters[0].html.contains(&end), "{end}: {}", letters[0].text);
    assert_eq!(auditoria::anclas(&letters[0].text), [end.parse::<Ancla>().expect("an anchor")], "as it is copied");
    assert_eq!(mail().await, 0, "once a day");
    huella.avanzar(SignedDuration::from_hours(24));
    assert_eq!(mail().await, 1);
    work().await;
    assert_eq!(cartas(&estudio).len(), 2);
}

#[tokio::test]
async fn an_exported_chain_is_verified_without_its_database() {
    let huella = Huella::start().await;
    seal_all(&huella.parts.system()).await;
    let end: Ancla = huella.scalar::<String>(FINAL).await.parse().expect("an anchor");
    let (casa, whole) = (Casa::new(), exported(&huella).await);
    let look = |bytes: &[u8], anclas: &[Ancla]| {
        let found = verificar(&casa.put("archivo", bytes), anclas.to_vec()).expect("readable");
        (found.eslabones, found.roto.map(|(numero, _, what)| (numero, what)), found.anclas)
    };
    let known = std::slice::from_ref(&end);
    assert_eq!(look(&whole, known), (end.numero, None, 1));

    // The lines alone are enough.
    let mut text = Vec::new();
    let mut zip = zip::ZipArchive::new(Cursor::new(&whole)).expect("a ZIP");
    zip.by_name("auditoria/sellos.ndjson").expect("an entry").read_to_end(&mut text).expect("read");
    assert_eq!(look(&text, known), (end.numero, None, 1));
    let lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let mut changed = lines.clone();
    let middle = changed[1].len() / 2;
    changed[1][middle] ^= 1;
    assert_eq!(look(&changed.concat(), known).1.map(|(numero, _)| numero), Some(2), "one byte");
    // An end that was cut off is told by the anchor, and by it alone.
    let cut = lines[..lines.len() - 1].concat();
    assert_eq!(look(&cut, &[]), (end.numero - 1, None, 0));
    assert_eq!(look(&cut, known).1, Some((end.numero, Break::Ancla)));

    // What a superuser changes is told by what leaves after it.
    huella.execute("update auditoria set accion = accion || 'x' where id = (select auditoria_id from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina' and numero = 2)").await;
    assert_eq!(look(&exported(&huella).await, known).1, Some((2, Break::Fila)));
}
