//! Every table that knows an owner or a pet: where it is in one person's file, what becomes of it when that person is forgotten,
//! and where it is counted when two records become one. A table that is in no line fails.
use super::names;
use huella_tests::Huella;
use serde_json::Value;
use std::collections::BTreeSet;

enum Dice {
    /// A member of what the API answers.
    En(&'static str),
    /// Nowhere, and why.
    No(&'static str),
}
use Dice::{En, No};

/// What being forgotten does to a table.
enum Olvido {
    /// These columns become empty.
    Vacia(&'static [&'static str]),
    /// Its words are sealed by the key that goes.
    Clave,
    /// It stays, and why.
    Queda(&'static str),
}
use Olvido::{Clave, Queda, Vacia};

const DE_LA_MASCOTA: Olvido = Queda("what was done to the pet, which stays");
const IDS: Olvido = Queda("ids, words of ours and dates");

/// Table; in the file (`Expediente`, or that of each pet); forgotten; in the merge (`Mudanza`, or what follows).
const TABLAS: &[(&str, Dice, Olvido, Dice)] = &[
    ("alertas_ensayos_cambios", No("what a rule would say: a trial, gone in days"), IDS, No("a trial speaks of one moment")),
    ("alertas_medicas", En("alertas"), DE_LA_MASCOTA, En("alertas")),
    ("alertas_sin_evaluar", No("a queue of ids"), IDS, No("a queue of ids")),
    ("antecedentes", En("historia"), DE_LA_MASCOTA, En("antecedentes")),
    ("aperturas", En("accesos"), Queda("what somebody of the staff did, and why"), En("aperturas")),
    ("autoreservas", En("autoreservas"), Vacia(&["motivo"]), En("autoreservas")),
    ("citas", En("citas"), DE_LA_MASCOTA, En("citas")),
    ("citas_solicitudes", En("pedidos"), Vacia(&["texto"]), En("pedidos")),
    ("consentimientos", En("consentimientos"), Clave, En("consentimientos")),
    ("enlaces_citas", No("the hash of a link"), IDS, No("the hash of a link, good for its appointment")),
    ("esperas", En("esperas"), Vacia(&["nota"]), En("esperas")),
    ("fallecimientos", En("mascota"), DE_LA_MASCOTA, No("both died or neither did: each keeps its own")),
    ("faltas", En("faltas"), IDS, En("faltas")),
    ("hechos_clinicos", En("historia"), DE_LA_MASCOTA, En("vacunas")),
    ("mascotas_hechos", No("what happened to the record itself: `accesos` tells who did it"), DE_LA_MASCOTA, En("hechos")),
    ("mascotas_identificadores", En("mascota"), DE_LA_MASCOTA, En("identificadores")),
    ("mascotas_palabras", No("an index of the names that are there already"), Queda("written anew without the person"), No("an index")),
    ("mensajes", En("mensajes"), Clave, En("mensajes")),
    ("mensajes_envios", En("mensajes"), Clave, No("counted with its message")),
    ("mensajes_respuestas", En("respuestas"), Clave, En("respuestas")),
    ("pesos", En("pesos"), DE_LA_MASCOTA, En("pesos")),
    ("recordatorios", No("what a pet was due for: `mensajes` and `alertas` tell it"), IDS, En("recordatorios")),
    ("solicitudes_datos", No("what was asked about these data, answered by itself and kept as proof"), Clave, No("kept as it was asked")),
    ("tutores_canales", En("canales"), IDS, No("the record that goes on keeps its own choice")),
    ("tutores_mascotas", En("mascotas"), IDS, En("vinculos")),
    ("tutores_palabras", No("an index of the name that is there already"), Queda("written anew without the person"), No("an index")),
    ("visitas", En("visitas"), Queda("why a pet came, as the desk wrote it"), En("visitas")),
];

/// The members that these schemas of the published document have.
fn members(document: &Value, schemas: &[&str]) -> BTreeSet<String> {
    let of = |name: &&str| document["components"]["schemas"][*name]["properties"].as_object().cloned();
    let all = schemas.iter().flat_map(|name| of(name).unwrap_or_else(|| panic!("no schema {name}")));
    all.map(|(name, _)| name).collect()
}

#[tokio::test]
async fn every_table_that_knows_a_person_is_shown_to_them_forgotten_with_them_and_counted_in_a_merge() {
    let huella = Huella::start().await;
    let known = "select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
                  where c.relnamespace = 'huella'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
                    and a.attname in ('tutor_id', 'mascota_id')";
    let listed: BTreeSet<String> = TABLAS.iter().map(|(table, ..)| (*table).to_owned()).collect();
    assert_eq!((names(&huella, known).await, listed.len()), (listed, TABLAS.len()), "say what becomes of it in three ways");
    let document = huella.nadie().get("/openapi.json").await.ok();
    let file = members(&document, &["Expediente", "MascotaDelExpediente"]);
    let merge = members(&document, &["Mudanza", "Seguido"]);
    for (table, expediente, _, fusion) in TABLAS {
        for (dice, all) in [(expediente, &file), (fusion, &merge)] {
            match dice {
                En(member) => assert!(all.contains(*member), "{table}: no {member} in {all:?}"),
                No(why) => assert!(why.len() > 7, "{table}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_forgotten_is_forgotten_by_the_database() {
    let huella = Huella::start().await;
    for (table, _, olvido, _) in TABLAS {
        match olvido {
            Vacia(columns) => {
                for column in *columns {
                    let text = format!(
                        "select is_nullable = 'YES' from information_schema.columns where table_schema = 'huella' and table_name = '{table}' and column_name = '{column}'"
                    );
                    assert!(huella.scalar::<bool>(&text).await, "{table}.{column}");
                    let body = "select pg_get_functiondef('huella.tutor_sin_palabras'::regproc)";
                    let body = huella.scalar::<String>(body).await;
                    let named = body.split("update ").any(|one| one.starts_with(*table) && one.contains(&format!("{column} = null")));
                    assert!(named, "{table}.{column} is not emptied");
                }
            }
            Clave => {
                let sealed = format!(
                    "select count(*) > 0 from information_schema.columns where table_schema = 'huella' and table_name = '{table}' and data_type = 'bytea'"
                );
                assert!(huella.scalar::<bool>(&sealed).await, "{table} has nothing sealed");
            }
            Queda(why) => assert!(why.len() > 7, "{table}"),
        }
    }
}
