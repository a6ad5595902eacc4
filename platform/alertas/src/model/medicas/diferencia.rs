//! What has to be written of a pet's alerts, and nothing else: what a rule says as it said it before leaves no trace.
use super::{Afirmacion, CierreMotivo};
use crate::puertos::{Gravedad, NoCorrio};
use jiff::civil::Date;
use kernel::ids::AlertaId;
use serde_json::Value;
use std::collections::BTreeMap;

/// A stored alert that stands for its key: open, or dismissed and still keeping quiet.
#[derive(Debug, Clone, PartialEq)]
pub struct Vigente {
    pub id: AlertaId,
    pub complemento: String,
    pub clave: String,
    pub regla: String,
    pub gravedad: Gravedad,
    pub titulo: String,
    pub detalle: String,
    pub vence: Option<Date>,
    pub hechos: Vec<Value>,
    pub sugiere_bloquear: bool,
    /// Dismissed: it is not said again while its facts are the same, or until that day.
    pub callada: bool,
    pub callada_hasta: Option<Date>,
}

/// How a rule came to speak of a pet, or did not.
#[derive(Debug, Clone, PartialEq)]
pub enum Dicho {
    Dijo(Vec<Afirmacion>),
    NoCorrio(NoCorrio),
    /// It did not want to be asked, or cannot run: what it said before stands.
    Nada,
    /// It is not for a pet of these sedes.
    NoVale,
}

/// What a rule said of one pet.
#[derive(Debug, Clone, PartialEq)]
pub struct Regla<'a> {
    pub complemento: &'a str,
    pub dicho: &'a Dicho,
}

/// A difference between what is stored and what is said; the number is the rule's place.
#[derive(Debug, Clone, PartialEq)]
pub enum Cambio<'a> {
    Abrir(usize, &'a Afirmacion),
    Cambiar(AlertaId, usize, &'a Afirmacion),
    Cerrar(AlertaId, CierreMotivo),
    /// The dismissal has had its time.
    DejarDeCallar(AlertaId),
}

/// Stored alerts of a plugin that is none of the rules belong to one that was switched off or is gone.
pub fn comparar<'a>(vigentes: &[Vigente], reglas: &[Regla<'a>], hoy: Date) -> Vec<Cambio<'a>> {
    let mut cambios = Vec::new();
    for (place, regla) in reglas.iter().enumerate() {
        if let Dicho::Dijo(all) = regla.dicho {
            let known: BTreeMap<&str, &Vigente> =
                vigentes.iter().filter(|one| one.complemento == regla.complemento).map(|one| (one.clave.as_str(), one)).collect();
            for afirmacion in all {
                cambios.extend(una(known.get(afirmacion.clave.as_str()).copied(), place, afirmacion, hoy));
            }
        }
    }
    for vigente in vigentes {
        let dicho = reglas.iter().find(|regla| regla.complemento == vigente.complemento).map(|regla| regla.dicho);
        let motivo = match dicho {
            None | Some(Dicho::NoVale) => CierreMotivo::ReglaRetirada,
            Some(Dicho::NoCorrio(_) | Dicho::Nada) => continue,
            Some(Dicho::Dijo(all)) if all.iter().any(|one| one.clave == vigente.clave) => continue,
            Some(Dicho::Dijo(_)) => CierreMotivo::Resuelta,
        };
        cambios.push(if vigente.callada { Cambio::DejarDeCallar(vigente.id) } else { Cambio::Cerrar(vigente.id, motivo) });
    }
    // What is opened may take the place of what is closed.
    cambios.sort_by_key(|cambio| matches!(cambio, Cambio::Abrir(..)));
    cambios
}

fn una<'a>(known: Option<&Vigente>, place: usize, afirmacion: &'a Afirmacion, hoy: Date) -> Vec<Cambio<'a>> {
    match known {
        None => vec![Cambio::Abrir(place, afirmacion)],
        Some(vigente) if vigente.callada && vigente.calla(afirmacion, hoy) => Vec::new(),
        Some(vigente) if vigente.callada => vec![Cambio::DejarDeCallar(vigente.id), Cambio::Abrir(place, afirmacion)],
        Some(vigente) if vigente.dice(afirmacion) => Vec::new(),
        Some(vigente) => vec![Cambio::Cambiar(vigente.id, place, afirmacion)],
    }
}

impl Vigente {
    /// Whether this is word by word what it says already. Where its facts lie in the document does not matter: an older one
    /// that is noted later moves all behind it.
    pub fn dice(&self, otra: &Afirmacion) -> bool {
        (&self.regla, self.gravedad, &self.titulo, &self.detalle, self.vence, self.sugiere_bloquear)
            == (&otra.regla, otra.gravedad, &otra.titulo, &otra.detalle, otra.vence, otra.sugiere_bloquear)
            && self.hechos == otra.hechos
    }

    /// Whether its dismissal still holds.
    pub fn calla(&self, otra: &Afirmacion, hoy: Date) -> bool {
        self.hechos == otra.hechos && self.callada_hasta.is_none_or(|hasta| hoy < hasta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;
    use serde_json::json;
    use uuid::Uuid;

    const HOY: Date = date(2026, 3, 2);
    const VACUNAS: &str = "pe.huella.vacunas";

    fn rabia() -> Afirmacion {
        Afirmacion {
            regla: "vacunas.rabia".into(),
            clave: "vacunas.rabia".into(),
            gravedad: Gravedad::Critica,
            titulo: "Rabia: refuerzo".into(),
            detalle: "El último fue hace un año.".into(),
            vence: Some(date(2026, 3, 1)),
            evidencia: vec!["/vacunas/0".into()],
            hechos: vec![json!({ "id": 1, "fecha": "2025-03-01" })],
            sugiere_bloquear: false,
        }
    }

    fn guardada() -> Vigente {
        let Afirmacion { regla, clave, gravedad, titulo, detalle, vence, hechos, sugiere_bloquear, .. } = rabia();
        let (id, complemento) = (AlertaId(Uuid::nil()), VACUNAS.to_owned());
        let (callada, callada_hasta) = (false, None);
        Vigente { id, complemento, clave, regla, gravedad, titulo, detalle, vence, hechos, sugiere_bloquear, callada, callada_hasta }
    }

    fn callada(hasta: Option<Date>) -> Vigente {
        Vigente { callada: true, callada_hasta: hasta, ..guardada() }
    }

    fn dijo(all: Vec<Afirmacion>) -> Option<Dicho> {
        Some(Dicho::Dijo(all))
    }

    fn fallo() -> Option<Dicho> {
        Some(Dicho::NoCorrio(NoCorrio { resultado: "tiempo".into(), detalle: None }))
    }

    fn moved() -> Afirmacion {
        Afirmacion { evidencia: vec!["/vacunas/7".into()], ..rabia() }
    }

    fn others() -> Afirmacion {
        Afirmacion { hechos: vec![json!({ "id": 2 })], ..rabia() }
    }

    #[rstest]
    #[case::new(None, dijo(vec![rabia()]), &["abrir"])]
    #[case::as_before(Some(guardada()), dijo(vec![rabia()]), &[])]
    #[case::its_fact_lies_elsewhere(Some(guardada()), dijo(vec![moved()]), &[])]
    #[case::other_words(Some(guardada()), dijo(vec![Afirmacion { detalle: "Otro.".into(), ..rabia() }]), &["cambiar"])]
    #[case::another_day(Some(guardada()), dijo(vec![Afirmacion { vence: None, ..rabia() }]), &["cambiar"])]
    #[case::less_grave(Some(guardada()), dijo(vec![Afirmacion { gravedad: Gravedad::Info, ..rabia() }]), &["cambiar"])]
    #[case::other_facts(Some(guardada()), dijo(vec![others()]), &["cambiar"])]
    #[case::no_longer(Some(guardada()), dijo(vec![]), &["cerrar resuelta"])]
    #[case::another_key(Some(guardada()), dijo(vec![Afirmacion { clave: "otra".into(), ..rabia() }]), &["cerrar resuelta", "abrir"])]
    #[case::it_failed(Some(guardada()), fallo(), &[])]
    #[case::it_failed_and_said_nothing_before(None, fallo(), &[])]
    #[case::not_asked(Some(guardada()), Some(Dicho::Nada), &[])]
    #[case::not_in_these_sedes(Some(guardada()), Some(Dicho::NoVale), &["cerrar regla_retirada"])]
    #[case::gone(Some(guardada()), None, &["cerrar regla_retirada"])]
    #[case::dismissed(Some(callada(None)), dijo(vec![rabia()]), &[])]
    #[case::dismissed_and_said_in_other_words(Some(callada(None)), dijo(vec![Afirmacion { titulo: "Otro".into(), ..rabia() }]), &[])]
    #[case::dismissed_and_its_facts_changed(Some(callada(None)), dijo(vec![others()]), &["dejar de callar", "abrir"])]
    #[case::dismissed_until_later(Some(callada(Some(date(2026, 3, 3)))), dijo(vec![rabia()]), &[])]
    #[case::dismissed_until_today(Some(callada(Some(HOY))), dijo(vec![rabia()]), &["dejar de callar", "abrir"])]
    #[case::dismissed_and_no_longer_said(Some(callada(None)), dijo(vec![]), &["dejar de callar"])]
    #[case::dismissed_and_it_failed(Some(callada(None)), fallo(), &[])]
    #[case::dismissed_and_the_rule_is_gone(Some(callada(None)), None, &["dejar de callar"])]
    fn only_differences_are_written(#[case] stored: Option<Vigente>, #[case] dicho: Option<Dicho>, #[case] expected: &[&str]) {
        let vigentes: Vec<Vigente> = stored.into_iter().collect();
        let reglas: Vec<Regla<'_>> = dicho.iter().map(|dicho| Regla { complemento: VACUNAS, dicho }).collect();
        let told: Vec<String> = comparar(&vigentes, &reglas, HOY)
            .into_iter()
            .map(|cambio| match cambio {
                Cambio::Abrir(..) => "abrir".to_owned(),
                Cambio::Cambiar(..) => "cambiar".to_owned(),
                Cambio::Cerrar(_, motivo) => format!("cerrar {}", motivo.clave()),
                Cambio::DejarDeCallar(_) => "dejar de callar".to_owned(),
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn two_rules_with_one_key_do_not_touch_each_other() {
        let (dicho, nada) = (Dicho::Dijo(vec![rabia()]), Dicho::Dijo(Vec::new()));
        let reglas = [Regla { complemento: "otra", dicho: &nada }, Regla { complemento: VACUNAS, dicho: &dicho }];
        assert_eq!(comparar(&[guardada()], &reglas, HOY), []);
    }
}
