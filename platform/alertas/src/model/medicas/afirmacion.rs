//! From what a rule answers to what an alert is kept of: the facts beside their pointers, and nothing larger than fits.
use crate::puertos::{Gravedad, NoCorrio, Propuesta};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Alerts of one rule about one pet; a rule that has more to say says nothing useful.
const POR_REGLA: usize = 100;
const EVIDENCIAS: usize = 200;
const CLAVE: usize = 200;
const REGLA: usize = 120;
const TITULO: usize = 200;
const DETALLE: usize = 4_000;
/// Years in which something may be due: what lies outside is a mistake, and further out no date of the database.
const ANIOS: std::ops::RangeInclusive<i16> = 1900..=2300;

/// What a rule says, with the facts that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Afirmacion {
    pub regla: String,
    pub clave: String,
    pub gravedad: Gravedad,
    pub titulo: String,
    pub detalle: String,
    pub vence: Option<Date>,
    pub evidencia: Vec<String>,
    pub hechos: Vec<Value>,
    pub sugiere_bloquear: bool,
}

/// Checks and completes what a rule answered. Of two with the same key the graver one counts.
pub fn afirmar(propuestas: Vec<Propuesta>, leido: &Value) -> Result<Vec<Afirmacion>, NoCorrio> {
    if propuestas.len() > POR_REGLA {
        return Err(invalida(format!("dio {} alertas de una mascota", propuestas.len())));
    }
    let mut all: BTreeMap<String, Afirmacion> = BTreeMap::new();
    for propuesta in propuestas {
        let one = una(propuesta, leido)?;
        match all.get(&one.clave) {
            Some(other) if other.gravedad >= one.gravedad => {}
            _ => drop(all.insert(one.clave.clone(), one)),
        }
    }
    Ok(all.into_values().collect())
}

fn una(propuesta: Propuesta, leido: &Value) -> Result<Afirmacion, NoCorrio> {
    let Propuesta { regla, gravedad, titulo, detalle, vence, mut evidencia, clave, sugiere_bloquear } = propuesta;
    let fits = |text: &str, limit: usize| (1..=limit).contains(&text.chars().count()) && !text.contains('\0');
    if !fits(&regla, REGLA) || !fits(&clave, CLAVE) {
        return Err(invalida("una regla o una clave está vacía o es muy larga".to_owned()));
    }
    if vence.is_some_and(|date| !ANIOS.contains(&date.year())) {
        return Err(invalida("una fecha está fuera de toda época".to_owned()));
    }
    evidencia.retain(|puntero| fits(puntero, CLAVE));
    evidencia.truncate(EVIDENCIAS);
    let hechos = evidencia.iter().map(|puntero| hecho(leido, puntero)).collect();
    let titulo = cut(&titulo, TITULO);
    let titulo = if titulo.is_empty() { regla.clone() } else { titulo };
    Ok(Afirmacion { clave, gravedad, titulo, detalle: cut(&detalle, DETALLE), vence, evidencia, hechos, sugiere_bloquear, regla })
}

/// The whole entry that a pointer leads into: `/vacunas/3/fecha` is the vaccination. `null` if it leads nowhere.
fn hecho(leido: &Value, puntero: &str) -> Value {
    let in_list = |list: &str| leido.get(list).is_some_and(Value::is_array);
    let parts: Vec<&str> = puntero.split('/').collect();
    let entry = match parts.as_slice() {
        ["", list, index, ..] if in_list(list) => leido.pointer(&format!("/{list}/{index}")),
        _ => leido.pointer(puntero),
    };
    entry.cloned().unwrap_or(json!(null))
}

fn cut(text: &str, limit: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(limit).collect()
}

fn invalida(detalle: String) -> NoCorrio {
    NoCorrio { resultado: "respuesta_invalida".into(), detalle: Some(detalle) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn propuesta(clave: &str, gravedad: Gravedad, evidencia: &[&str]) -> Propuesta {
        Propuesta {
            regla: "vacunas.rabia".into(),
            gravedad,
            titulo: "Rabia".into(),
            detalle: String::new(),
            vence: None,
            evidencia: evidencia.iter().map(|one| (*one).to_owned()).collect(),
            clave: clave.into(),
            sugiere_bloquear: false,
        }
    }

    #[test]
    fn facts_stand_beside_their_pointers_whole() {
        let leido = json!({ "mascota": { "nacimiento": "2026-01-05" }, "vacunas": [{ "id": 1, "fecha": "2026-02-01" }] });
        let pointers = ["/vacunas/0", "/vacunas/0/fecha", "/mascota/nacimiento", "/vacunas/7"];
        let said = afirmar(vec![propuesta("a", Gravedad::Info, &pointers)], &leido).expect("fits");
        let vacuna = json!({ "id": 1, "fecha": "2026-02-01" });
        assert_eq!(said[0].hechos, [vacuna.clone(), vacuna, json!("2026-01-05"), json!(null)]);
    }

    #[test]
    fn two_with_one_key_are_the_graver_one() {
        let all =
            vec![propuesta("a", Gravedad::Info, &[]), propuesta("a", Gravedad::Critica, &[]), propuesta("a", Gravedad::Advertencia, &[])];
        let said = afirmar(all, &json!({})).expect("fits");
        assert_eq!(said.iter().map(|one| one.gravedad).collect::<Vec<_>>(), [Gravedad::Critica]);
    }

    #[test]
    fn what_does_not_fit_is_no_answer() {
        assert!(afirmar(vec![propuesta("", Gravedad::Info, &[])], &json!({})).is_err());
        assert!(afirmar(vec![propuesta(&"x".repeat(201), Gravedad::Info, &[])], &json!({})).is_err());
        let many = (0..101).map(|n| propuesta(&n.to_string(), Gravedad::Info, &[])).collect();
        assert!(afirmar(many, &json!({})).is_err());
        let early = Propuesta { vence: Some(jiff::civil::date(-44, 3, 15)), ..propuesta("a", Gravedad::Info, &[]) };
        assert!(afirmar(vec![early], &json!({})).is_err());
        let odd = afirmar(vec![propuesta("a", Gravedad::Info, &["/a\0", ""])], &json!({})).expect("fits");
        assert!(odd[0].evidencia.is_empty());
        let long = Propuesta { titulo: "ñ".repeat(500), ..propuesta("a", Gravedad::Info, &[]) };
        assert_eq!(afirmar(vec![long], &json!({})).expect("cut")[0].titulo.chars().count(), 200);
    }
}
