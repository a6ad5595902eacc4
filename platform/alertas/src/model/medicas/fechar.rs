//! The facts of a pet as they stood on another day.
use historias::Hechos;
use jiff::{civil::Date, tz::TimeZone};

/// What had happened by then, by its clinical date: what was noted later of before counts, because it was true then, and most
/// of a chain's past came on one day from another system. What ended later had not ended.
pub fn hasta(hechos: &Hechos, dia: Date, zona: &TimeZone) -> Hechos {
    let mut then = hechos.clone();
    then.mascota.fallecida_en = then.mascota.fallecida_en.filter(|date| *date <= dia);
    then.pesos.retain(|one| zona.to_datetime(one.en).date() <= dia);
    then.vacunas.retain(|one| one.fecha <= dia);
    then.desparasitaciones.retain(|one| one.fecha <= dia);
    then.problemas.retain(|one| one.desde <= dia);
    then.alergias.retain(|one| one.desde <= dia);
    then.tratamientos.retain(|one| one.desde <= dia);
    then.problemas.iter_mut().for_each(|one| one.hasta = one.hasta.filter(|date| *date <= dia));
    then.alergias.iter_mut().for_each(|one| one.hasta = one.hasta.filter(|date| *date <= dia));
    for one in &mut then.tratamientos {
        // A planned end was known; that somebody ended it was not.
        if one.motivo.is_some() && one.hasta.is_some_and(|date| date > dia) {
            (one.hasta, one.motivo) = (None, None);
        }
    }
    then
}

/// Whether there was such a pet by then.
pub fn nacida(hechos: &Hechos, dia: Date) -> bool {
    hechos.mascota.nacimiento.is_none_or(|date| date <= dia)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn what_came_later_was_not_known() {
        let id = "0198d3c4-0000-7000-8000-000000000000";
        let vacuna =
            |fecha: &str| json!({ "id": id, "fecha": fecha, "producto": "x", "antigenos": [], "por_nombre": false, "anterior": false });
        let tratamiento = |hasta: &str, motivo: Option<&str>| json!({ "id": id, "desde": "2026-01-01", "hasta": hasta, "motivo": motivo, "farmaco": "x", "dosis": "1" });
        let hechos: Hechos = serde_json::from_value(json!({
            "esquema": "hechos/v1",
            "mascota": { "id": id, "especie": "perro", "sexo": "hembra", "nacimiento": "2026-01-05", "nacimiento_estimado": false, "fallecida_en": "2026-05-01" },
            // 9 p. m. of the first of March in Lima.
            "pesos": [{ "id": id, "en": "2026-03-02T02:00:00Z", "kg": 4.0 }, { "id": id, "en": "2026-03-02T06:00:00Z", "kg": 4.0 }],
            "vacunas": [vacuna("2026-03-01"), vacuna("2026-03-02")],
            "problemas": [{ "id": id, "desde": "2026-02-01", "hasta": "2026-04-01", "nombre": "x", "cronico": true }],
            "tratamientos": [tratamiento("2026-04-01", None), tratamiento("2026-04-01", Some("dejó")), tratamiento("2026-02-01", Some("dejó"))],
        }))
        .expect("facts");
        let lima = TimeZone::get("America/Lima").expect("a zone");
        let then = hasta(&hechos, date(2026, 3, 1), &lima);
        assert_eq!((then.pesos.len(), then.vacunas.len(), then.mascota.fallecida_en, then.problemas[0].hasta), (1, 1, None, None));
        let ends: Vec<_> = then.tratamientos.iter().map(|one| (one.hasta.is_some(), one.motivo.is_some())).collect();
        assert_eq!(ends, [(true, false), (false, false), (true, true)]);
        assert_eq!(hasta(&hechos, date(2026, 6, 1), &lima), hechos);
        assert!(!nacida(&hechos, date(2026, 1, 4)) && nacida(&hechos, date(2026, 1, 5)));
    }
}
